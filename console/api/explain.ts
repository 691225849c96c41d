import { Type } from 'typebox';
import { explainPacket } from '../../sensor/explain/explain.js';
import type { Alert } from '../../sensor/model/records.js';
import type { App, ConsoleContext } from './context.js';
import { notFound } from './errors.js';
import { Count, ErrorBody, IdParams, Time } from './schemas.js';

const MAX_PACKETS = 12;
/** A packet on an Ethernet; of larger ones the rest is in the download. */
const MAX_BYTES = 2048;

/** What an attacker changes, in whatever protocol. */
const ACTING = [
  'function_code',
  'address',
  'write_address',
  'quantity',
  'values',
  'subfunction',
  'and_mask',
  'or_mask',
  'service',
  'item_count',
  'parameters',
];

/** Words in an anomaly's code, and the fields that such an anomaly is about. */
const ABOUT: readonly (readonly [word: string, keys: readonly string[]])[] = [
  ['smuggling', ['length', 'trailing']],
  ['length', ['length']],
  ['protocol_id', ['protocol_id']],
  ['quantity', ['quantity', 'byte_count']],
  ['byte_count', ['byte_count']],
  ['function', ['function_code']],
  ['exception', ['exception_code']],
  ['trailing', ['trailing']],
];

/** Keys of the fields that made the sensor speak up. */
function keysThatMatter(alert: Alert): ReadonlySet<string> {
  const keys = new Set<string>();
  const codes = alert.evidence.records.flatMap((record) =>
    Array.isArray(record['anomalies']) ? record['anomalies'].map(String) : [],
  );
  if (alert.kind === 'protocol') codes.push(alert.rule_id);
  for (const code of codes) {
    for (const [word, about] of ABOUT) if (code.includes(word)) for (const key of about) keys.add(key);
  }
  if (alert.rule_id.includes('scan')) keys.add('exception_code').add('function_code');
  if (keys.size === 0) for (const key of ACTING) keys.add(key);
  return keys;
}

const Explained = Type.Object({
  packets: Type.Array(
    Type.Object({
      pcap_cnt: Count,
      timestamp: Time,
      hex: Type.String({ description: 'The packet’s bytes, at most 2048.' }),
      original_length: Count,
      fields: Type.Array(
        Type.Object({
          offset: Count,
          length: Count,
          layer: Type.String(),
          key: Type.String(),
          value: Type.String(),
          matters: Type.Boolean({ description: 'These bytes made the sensor speak up.' }),
        }),
      ),
    }),
  ),
});

/** An alert's packets, byte by byte. */
export function addExplain(app: App, context: ConsoleContext): void {
  const { findings } = context;
  app.get(
    '/api/v1/alerts/:id/explain',
    {
      schema: {
        description: 'What the bytes of the kept packets mean, and which of them mattered. At most twelve packets.',
        params: IdParams,
        response: { 200: Explained, '4xx': ErrorBody },
      },
    },
    ({ params }) => {
      const alert = findings.alert(params.id);
      if (!alert) throw notFound('alert');
      const matter = keysThatMatter(alert);
      const packets = findings.alertPackets(alert.id).slice(0, MAX_PACKETS);
      return {
        packets: packets.map((packet) => {
          const bytes = packet.data.subarray(0, MAX_BYTES);
          const fields = explainPacket(bytes, packet.link_type, {
            protocol: alert.protocol,
            serverPort: alert.dest_port,
          });
          return {
            pcap_cnt: packet.pcap_cnt,
            timestamp: packet.timestamp,
            hex: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex'),
            original_length: packet.original_length,
            fields: fields.map((field) => ({
              ...field,
              matters: !['ethernet', 'ip', 'tcp', 'udp'].includes(field.layer) && matter.has(field.key),
            })),
          };
        }),
      };
    },
  );
}
