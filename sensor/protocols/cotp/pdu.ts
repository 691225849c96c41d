import type { AnomalyDef } from '../../model/anomaly.js';
import { hex, u16, wireText } from '../../model/bytes.js';
import type { Operation } from '../../model/operation.js';
import type { Micros } from '../../model/time.js';
import type { VariableReading } from '../../model/variable.js';
import { connectionType, placeOf } from '../_shared/tsap.js';
import type { Pdu, Rejection } from '../dissector.js';
import { COTP } from './anomalies.js';
import { COTP_OPERATION, COTP_PROTOCOL } from './protocol.js';
import { TPDU } from './tpkt.js';

/** RFC 905 section 13.3.4 and 13.4.4: parameters of CR and CC. */
const PARAMETER = { TPDU_SIZE: 0xc0, CALLING_TSAP: 0xc1, CALLED_TSAP: 0xc2 } as const;
const MAX_SIZE_EXPONENT = 13;
const EMPTY = new Uint8Array(0);

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [TPDU.CR]: 'CR',
  [TPDU.CC]: 'CC',
  [TPDU.DR]: 'DR',
  [TPDU.ER]: 'ER',
};

/** RFC 905 section 13.5.3. */
const DISCONNECT_REASONS: Readonly<Record<number, readonly [string, Rejection]>> = {
  0: ['not_specified', 'failed'],
  1: ['congestion_at_tsap', 'busy'],
  2: ['session_entity_not_attached', 'unreachable'],
  3: ['address_unknown', 'unreachable'],
  128: ['normal', 'none'],
  129: ['remote_congestion', 'busy'],
  130: ['negotiation_failed', 'failed'],
  131: ['duplicate_source_reference', 'failed'],
  132: ['mismatched_references', 'failed'],
  133: ['protocol_error', 'failed'],
  135: ['reference_overflow', 'busy'],
  136: ['connection_refused_on_this_network_connection', 'failed'],
  138: ['header_or_parameter_length_invalid', 'failed'],
};

/** RFC 905 section 13.12.3. */
const ERROR_REASONS: Readonly<Record<number, string>> = {
  0: 'not_specified',
  1: 'invalid_parameter_code',
  2: 'invalid_tpdu_type',
  3: 'invalid_parameter_value',
};

/** One CR, CC, DR or ER of RFC 905 in a TPKT of RFC 1006, reused. Numbers are big endian. */
export class CotpPdu implements Pdu {
  readonly protocol = COTP_PROTOCOL;
  readonly isEncrypted = false;
  readonly unit = -1;
  readonly targets = 0;
  readonly targetSpace = null;
  readonly targetFrom = 0;
  readonly targetCount = 0;
  readonly variables = 0;
  readonly valuesAreWritten = false;
  readonly valuesBuf = EMPTY;
  readonly valuesFrom = 0;
  readonly valuesTo = 0;
  readonly valueBits = 0;
  operation: Operation = COTP_OPERATION.connect;
  isRequest = true;
  fromClient = true;
  from = 0;
  rejection: Rejection = 'none';
  requestNumber = 0;
  requestTimestamp: Micros = 0;
  readonly anomalies: AnomalyDef[] = [];
  isPartial = false;

  /** TSAPs of this message; empty where it has none. */
  callingTsap: Uint8Array = EMPTY;
  calledTsap: Uint8Array = EMPTY;

  #buf: Uint8Array = EMPTY;
  /** The length indicator. */
  #at = 0;
  #end = 0;
  #type: number = TPDU.CR;
  #tpduSize = 0;

  selectTarget(): void {}

  readVariable(_index: number, _into: VariableReading): void {}

  get isConnectionRequest(): boolean {
    return this.#type === TPDU.CR;
  }

  get isConnectionConfirm(): boolean {
    return this.#type === TPDU.CC;
  }

  note(anomaly: AnomalyDef): void {
    if (!this.anomalies.includes(anomaly)) this.anomalies.push(anomaly);
  }

  /** Reads the TPDU whose length indicator is `buf[at]`; `end` is the end of its TPKT, or of what is there of it. */
  parse(buf: Uint8Array, at: number, end: number): void {
    this.#buf = buf;
    this.#at = at;
    this.#end = end;
    this.#type = buf[at + 1]! & 0xf0;
    this.requestNumber = 0;
    this.requestTimestamp = 0;
    this.rejection = 'none';
    this.isPartial = false;
    this.callingTsap = EMPTY;
    this.calledTsap = EMPTY;
    this.#tpduSize = 0;
    if (this.anomalies.length > 0) this.anomalies.length = 0;
    this.isRequest = this.#type === TPDU.CR;
    this.operation = COTP_OPERATION.connect;
    if (this.#type === TPDU.DR) {
      this.operation = COTP_OPERATION.disconnect;
      this.rejection = DISCONNECT_REASONS[this.#reason]?.[1] ?? 'failed';
    } else if (this.#type === TPDU.ER) {
      this.operation = COTP_OPERATION.error;
      this.rejection = 'failed';
    } else this.#parameters();
  }

  get #reason(): number {
    const at = this.#type === TPDU.ER ? this.#at + 4 : this.#at + 6;
    return at < this.#end ? this.#buf[at]! : -1;
  }

  /** Type, length, value; the length indicator tells where they end. */
  #parameters(): void {
    const buf = this.#buf;
    const end = Math.min(this.#end, this.#at + 1 + buf[this.#at]!);
    let at = this.#at + 7;
    while (at < end) {
      const next = at + 2 + buf[at + 1]!;
      if (at + 2 > end || next > end) {
        this.note(COTP.badParameter);
        return;
      }
      switch (buf[at]) {
        case PARAMETER.TPDU_SIZE:
          if (next === at + 3 && buf[at + 2]! <= MAX_SIZE_EXPONENT) this.#tpduSize = 2 ** buf[at + 2]!;
          break;
        case PARAMETER.CALLING_TSAP:
          this.callingTsap = buf.subarray(at + 2, next);
          break;
        case PARAMETER.CALLED_TSAP:
          this.calledTsap = buf.subarray(at + 2, next);
          break;
      }
      at = next;
    }
  }

  fields(): Record<string, unknown> {
    const buf = this.#buf;
    const at = this.#at;
    const size = this.#end - at;
    const fields: Record<string, unknown> = { pdu_type: TYPE_NAMES[this.#type] };
    if (size >= 4) fields['dst_ref'] = u16(buf, at + 2);
    if (this.#type === TPDU.ER) {
      if (this.#reason >= 0) {
        fields['reason'] = this.#reason;
        fields['reason_name'] = ERROR_REASONS[this.#reason] ?? 'unknown';
      }
      return fields;
    }
    if (size >= 6) fields['src_ref'] = u16(buf, at + 4);
    if (this.#type === TPDU.DR) {
      if (this.#reason >= 0) {
        fields['reason'] = this.#reason;
        fields['reason_name'] = DISCONNECT_REASONS[this.#reason]?.[0] ?? 'unknown';
      }
    } else {
      if (size >= 7) fields['class'] = buf[at + 6]! >> 4;
      if (this.callingTsap.length > 0) fields['calling_tsap'] = tsapText(this.callingTsap);
      if (this.calledTsap.length > 0) fields['called_tsap'] = tsapText(this.calledTsap);
      if (this.#tpduSize > 0) fields['tpdu_size'] = this.#tpduSize;
      this.#s7Address(fields);
    }
    if (this.requestNumber > 0) fields['request_pcap_cnt'] = this.requestNumber;
    return fields;
  }

  #s7Address(fields: Record<string, unknown>): void {
    const place = placeOf(this.calledTsap);
    if (place < 0) return;
    fields['connection_type'] = connectionType(this.calledTsap);
    fields['rack'] = place >> 5;
    fields['slot'] = place & 0x1f;
  }
}

function tsapText(tsap: Uint8Array): string {
  const isPrintable = tsap.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isPrintable ? wireText(tsap, 0, tsap.length) : hex(tsap, 0, tsap.length);
}
