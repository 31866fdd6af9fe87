'use client';
import { DEAD_LETTER_MESSAGES, DEAD_LETTER_REASONS } from '@ebap/pipeline/contracts';
import { Button, Drawer, formatBytes, formatMoment } from '@ebap/ui';
import { useCallback, useEffect, useState } from 'react';
import { type DeadLetterDetail, type OpenLetters, readDeadLetters } from './deadLetters.ts';
import css from './pipeline.module.css';

type Answer =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'letters'; readonly letters: readonly DeadLetterDetail[] };

/** What a reason means, in a sentence. */
export function reasonWords(reason: string): string {
  const known = DEAD_LETTER_REASONS.find((one) => one === reason);
  return known ? DEAD_LETTER_MESSAGES[known] : reason;
}

/** The newest records of one reason, with where they stood and what they held. */
export function DeadLetterDrawer(props: {
  readonly letters: OpenLetters | null;
  readonly zone: string;
  readonly onClose: () => void;
}) {
  const { letters, zone, onClose } = props;
  return (
    <Drawer title={letters ? `Dead letters: ${letters.reason}` : ''} isOpen={letters !== null} onClose={onClose}>
      {letters && <LetterList key={`${letters.scope}/${letters.reason}`} {...letters} zone={zone} />}
    </Drawer>
  );
}

function LetterList({ reason, scope, zone }: OpenLetters & { readonly zone: string }) {
  const [answer, setAnswer] = useState<Answer>({ kind: 'loading' });
  const load = useCallback(async () => {
    setAnswer({ kind: 'loading' });
    try {
      setAnswer({ kind: 'letters', letters: await readDeadLetters({ reason, scope }) });
    } catch (error) {
      setAnswer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }, [reason, scope]);
  useEffect(() => void load(), [load]);
  return (
    <div className={css.letters}>
      <p className={css.reason}>{reasonWords(reason)}</p>
      <Letters answer={answer} zone={zone} onRetry={() => void load()} />
    </div>
  );
}

function Letters({
  answer,
  zone,
  onRetry,
}: {
  readonly answer: Answer;
  readonly zone: string;
  readonly onRetry: () => void;
}) {
  switch (answer.kind) {
    case 'loading':
      return <p aria-busy="true">Reading the newest records…</p>;
    case 'failed':
      return (
        <div role="alert">
          <p>The records could not be read: {answer.message}</p>
          <Button icon="refresh" onClick={onRetry}>
            Try again
          </Button>
        </div>
      );
    case 'letters':
      if (answer.letters.length === 0) return <p>None is kept any more; dead letters are kept for 30 days.</p>;
      return (
        <>
          {answer.letters.some((letter) => letter.isMasked) && (
            <p className={css.faint}>Your role sees the records without user ids and other personal values.</p>
          )}
          <ul className={css.letterList}>
            {answer.letters.map((letter) => (
              <Letter key={letter.id} letter={letter} zone={zone} />
            ))}
          </ul>
        </>
      );
  }
}

function Letter({ letter, zone }: { readonly letter: DeadLetterDetail; readonly zone: string }) {
  const { source } = letter;
  return (
    <li className={css.letter}>
      <dl className={css.letterFacts}>
        <div>
          <dt>first seen</dt>
          <dd>{formatMoment(letter.firstSeenMs, zone)}</dd>
        </div>
        <div>
          <dt>stood at</dt>
          {source ? (
            <dd className={css.mono}>{`${source.topic} ${source.partition}/${source.offset}`}</dd>
          ) : (
            <dd>the HTTP edge</dd>
          )}
        </div>
        <div>
          <dt>size</dt>
          <dd>{formatBytes(letter.sizeBytes)}</dd>
        </div>
        {letter.schemaId !== null && (
          <div>
            <dt>schema</dt>
            <dd className={css.mono}>{letter.schemaId}</dd>
          </div>
        )}
      </dl>
      <p>{letter.message}</p>
      {letter.preview === null ? (
        <p className={css.faint}>The record is sealed or binary; its bytes are kept.</p>
      ) : (
        <pre className={css.preview}>{letter.preview}</pre>
      )}
    </li>
  );
}
