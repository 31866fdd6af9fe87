import type { ReactNode } from 'react';
import { Button } from '../controls/Button.tsx';
import { Icon } from '../icons/Icon.tsx';
import type { IconName } from '../icons/paths.ts';
import { cx } from '../util/cx.ts';
import css from './panel.module.css';
import type { PanelError, PanelState, SkeletonShape } from './panelState.ts';

/** The panel's content, or what stands in its place. */
export function PanelBody(props: {
  readonly state: PanelState;
  readonly skeleton: SkeletonShape;
  readonly children: ReactNode;
}) {
  const { state, skeleton, children } = props;
  switch (state.kind) {
    case 'loading':
      return <Skeleton shape={skeleton} />;
    case 'empty':
      return (
        <PanelMessage icon="empty" title={state.title} action={state.action}>
          {state.hint}
        </PanelMessage>
      );
    case 'forbidden':
      return (
        <PanelMessage icon="lock" title="Not for your role">
          {state.hint}
        </PanelMessage>
      );
    case 'error':
      return <PanelFault error={state.error} />;
    case 'ready':
      return (
        <>
          {state.problem && <StaleNotice problem={state.problem} />}
          {children}
        </>
      );
  }
}

function PanelMessage(props: {
  readonly icon: IconName;
  readonly title: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <div className={css.message}>
      <Icon name={props.icon} size={20} />
      <strong>{props.title}</strong>
      <p>{props.children}</p>
      {props.action && <div className={css.actions}>{props.action}</div>}
    </div>
  );
}

function PanelFault({ error }: { readonly error: PanelError }) {
  return (
    <div className={css.message} role="alert">
      <Icon name="alert" size={20} />
      <strong>This panel could not be filled</strong>
      <p>{error.message}</p>
      {error.onRetry && (
        <div className={css.actions}>
          <Button icon="refresh" onClick={error.onRetry}>
            Try again
          </Button>
        </div>
      )}
      {error.details && (
        <details className={css.details}>
          <summary>Details</summary>
          <pre>{error.details}</pre>
        </details>
      )}
    </div>
  );
}

function StaleNotice({ problem }: { readonly problem: PanelError }) {
  return (
    <div className={css.notice} role="status">
      <Icon name="info" size={12} />
      <span>{problem.message}</span>
      {problem.onRetry && (
        <Button size="small" variant="quiet" onClick={problem.onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** The panel's own shape without its data; still, because nothing is known about progress. */
function Skeleton({ shape }: { readonly shape: SkeletonShape }) {
  if (shape === 'tiles')
    return (
      <div className={cx(css.skeleton, css.skeletonTiles)} aria-busy="true">
        {[64, 72, 56, 60].map((width) => (
          <div key={width}>
            <span className={css.bone} style={{ width: `${width}%` }} />
            <span className={css.bone} style={{ width: `${width + 20}%` }} />
            <span className={css.bone} style={{ width: '40%' }} />
            <span className={css.bone} />
          </div>
        ))}
      </div>
    );
  if (shape === 'rows')
    return (
      <div className={cx(css.skeleton, css.skeletonRows)} aria-busy="true">
        {[92, 78, 85, 70, 88, 74].map((width) => (
          <span key={width} className={css.bone} style={{ width: `${width}%` }} />
        ))}
      </div>
    );
  return (
    <div className={cx(css.skeleton, css.skeletonChart)} aria-busy="true">
      <span className={css.bone} style={{ width: '48%' }} />
      <svg viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">
        <path
          d="M0 28C10 26 15 18 25 20S42 30 52 24 70 10 80 13 94 18 100 12"
          fill="none"
          stroke="var(--surface-3)"
          strokeWidth="2"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <span className={css.bone} />
    </div>
  );
}
