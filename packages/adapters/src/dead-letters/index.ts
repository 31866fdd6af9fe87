/** Sealing of dead letters' original bytes: they may hold personal data, and people of some roles read them. */
export { type DeadLetterCipher, openDeadLetterCipher } from './deadLetterCipher.ts';
