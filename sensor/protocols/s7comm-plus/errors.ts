import type { Rejection } from '../dissector.js';

/** Return values: the signed low half of the low word. Positive ones are success with a remark. */
const ERRORS: Readonly<Record<number, readonly [name: string, rejection: Rejection]>> = {
  17: ['session_pre_legitimated', 'none'],
  19: ['executed_with_partial_error', 'none'],
  22: ['session_delegitimated', 'none'],
  25: ['legitimated_level_2', 'none'],
  26: ['legitimated_level_3', 'none'],
  33: ['legitimated_level_1', 'none'],
  [-12]: ['object_not_found', 'bad_address'],
  [-17]: ['invalid_crc', 'bad_address'],
  [-100]: ['access_denied', 'failed'],
  [-105]: ['invalid_object', 'bad_address'],
  [-106]: ['invalid_session', 'failed'],
  [-107]: ['not_allowed', 'failed'],
  [-113]: ['too_many_sessions', 'busy'],
  [-124]: ['not_changeable_in_run', 'failed'],
  [-134]: ['multi_es_not_supported', 'unsupported_operation'],
  [-255]: ['invalid_lid', 'bad_address'],
};

export function errorName(code: number): string {
  return code === 0 ? 'ok' : (ERRORS[code]?.[0] ?? 'unknown');
}

export function rejectionOf(code: number): Rejection {
  return code >= 0 ? 'none' : (ERRORS[code]?.[1] ?? 'failed');
}
