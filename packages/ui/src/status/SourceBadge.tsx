import { Icon } from '../icons/Icon.tsx';
import css from './status.module.css';

/** Where a panel's numbers come from. */
export interface SourceInfo {
  /** `Live` reads current state, `Trends` reads the lakehouse. */
  readonly path: 'Live' | 'Trends';
  /** The engine that answered, as this installation runs it: `LMDB`, `Redis`, `Trino`, `DuckDB`, `Postgres`. */
  readonly engine: string;
}

/** `Live · LMDB`: says which path and engine answered. */
export function SourceBadge({ source }: { readonly source: SourceInfo }) {
  return (
    <span className={css.source}>
      <Icon name={source.path === 'Live' ? 'source' : 'lake'} size={10} />
      {source.path} · {source.engine}
    </span>
  );
}
