import type { Action, DeadLetterReason, Platform } from '@ebap/pipeline/contracts';

/** A sound event of a producer; sensitive fields still in the clear, in memory only. */
export interface ParsedEvent {
  readonly id: string;
  readonly userId: string;
  readonly action: Action;
  readonly timestampMs: number;
  readonly location: string;
  readonly platform: Platform;
  readonly itemId: string | null;
  /** 1e-4 units. */
  readonly amountUnits: number | null;
  readonly currency: string | null;
  readonly email: string | null;
  readonly paymentHash: string | null;
  readonly extra: Readonly<Record<string, string>>;
}

export interface Rejection {
  readonly code: DeadLetterReason;
  /** For the producer's developer: what is wrong and what would be right. Never repeats the value. */
  readonly message: string;
}

export type ParseOutcome =
  | { readonly ok: true; readonly event: ParsedEvent }
  | { readonly ok: false; readonly rejection: Rejection };

export function reject(code: DeadLetterReason, message: string): ParseOutcome {
  return { ok: false, rejection: { code, message } };
}
