import { protocolErrors, protocolErrorsCodesById } from '@platformatic/kafka';

/** The protocol's error codes that this adapter decides by. https://kafka.apache.org/protocol#protocol_error_codes */
export const ErrorCode = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeaderOrFollower: 6,
  messageTooLarge: 10,
  topicAuthorizationFailed: 29,
  clusterAuthorizationFailed: 31,
  unknownTopicId: 100,
  inconsistentTopicId: 103,
} as const;

const AUTHORIZATION_CODES: ReadonlySet<number> = new Set([
  ErrorCode.topicAuthorizationFailed,
  30, // GROUP_AUTHORIZATION_FAILED
  ErrorCode.clusterAuthorizationFailed,
  53, // TRANSACTIONAL_ID_AUTHORIZATION_FAILED
]);

/** The caller has no right to do this. */
export function isForbidden(code: number): boolean {
  return AUTHORIZATION_CODES.has(code);
}

/** The name of an error code as the protocol's documentation has it. */
export function errorName(code: number): string {
  return (protocolErrorsCodesById as Readonly<Record<number, string>>)[code] ?? `error ${code}`;
}

/** True if the same request may succeed later without anybody changing anything. */
export function isRetriable(code: number): boolean {
  const errors: Readonly<Record<string, { readonly canRetry: boolean }>> = protocolErrors;
  return errors[errorName(code)]?.canRetry ?? false;
}
