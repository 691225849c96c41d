import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { formatCount, humanise, protocolName } from '../lib/format.ts';
import { useResource } from '../lib/resource.ts';
import { encodeId, own, visible } from '../lib/text.ts';
import type { ExplainedPacket } from '../lib/types.ts';
import { ScrollX, Select } from './parts.tsx';
import { Raw } from './text.tsx';

const ROW = 16;
const CARRIAGE: ReadonlySet<string> = new Set(['ethernet', 'ip', 'tcp', 'udp']);

function fieldName(key: string): string {
  return own(t.record.fields, key) ?? own(t.bytes.keys, key) ?? visible(humanise(key));
}

function layerName(layer: string): string {
  return own(t.bytes.layers, layer) ?? visible(protocolName(layer));
}

function Packet({ packet }: { packet: ExplainedPacket }) {
  const [touched, setTouched] = useState(-1);
  const bytes = packet.hex.match(/../g) ?? [];
  /** Which field each byte belongs to. */
  const owner = new Map<number, number>();
  for (const [index, field] of packet.fields.entries()) {
    for (let at = field.offset; at < field.offset + field.length; at++) owner.set(at, index);
  }
  const rows = Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, row) =>
    bytes.slice(row * ROW, (row + 1) * ROW),
  );
  const classOf = (at: number) => {
    const index = owner.get(at);
    const field = index === undefined ? undefined : packet.fields[index];
    return `${field?.matters ? 'byte-matters' : ''} ${index !== undefined && index === touched ? 'byte-touched' : ''} ${
      field && CARRIAGE.has(field.layer) ? 'byte-carriage' : ''
    }`;
  };
  const isCarriage = (layer: string) => CARRIAGE.has(layer);
  // What the message says comes first; how it was carried is seldom the question.
  const order = packet.fields
    .map((field, index) => ({ field, index }))
    .sort((a, b) => Number(isCarriage(a.field.layer)) - Number(isCarriage(b.field.layer)) || a.index - b.index);
  const hasMarks = packet.fields.some((field) => field.matters);
  return (
    <>
      <div class="bytes">
        <ScrollX label={t.bytes.hexLabel} class="hex">
          {rows.map((row, index) => (
            <div class="hex-row" key={index}>
              <span class="hex-offset">{(index * ROW).toString(16).padStart(4, '0')}</span>
              <span class="hex-bytes">
                {row.map((byte, column) => {
                  const at = index * ROW + column;
                  return (
                    <span key={at} class={classOf(at)} onPointerEnter={() => setTouched(owner.get(at) ?? -1)}>
                      {byte}
                    </span>
                  );
                })}
              </span>
              <span class="hex-text" aria-hidden="true">
                {row
                  .map((byte) => Number.parseInt(byte, 16))
                  .map((code) => (code > 32 && code < 127 ? String.fromCharCode(code) : '·'))
                  .join('')}
              </span>
            </div>
          ))}
        </ScrollX>
        <ScrollX label={t.bytes.field} class="byte-fields">
          <table class="table table-plain">
            <thead>
              <tr>
                <th scope="col">{t.bytes.offset}</th>
                <th scope="col">{t.bytes.field}</th>
                <th scope="col">{t.bytes.value}</th>
              </tr>
            </thead>
            <tbody>
              {order.map(({ field, index }) => (
                <tr
                  key={`${field.offset} ${field.key}`}
                  class={`${field.matters ? 'byte-row-matters' : ''} ${index === touched ? 'byte-row-touched' : ''}`}
                  onPointerEnter={() => setTouched(index)}
                >
                  <td class="mono number">
                    {field.offset}
                    {field.length > 1 && `–${field.offset + field.length - 1}`}
                  </td>
                  <td>
                    {fieldName(field.key)}
                    <span class="cell-sub">{layerName(field.layer)}</span>
                  </td>
                  <td>
                    <Raw text={field.value} mono />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollX>
      </div>
      {hasMarks && <p class="faint">{t.bytes.matters}</p>}
      {packet.original_length > bytes.length && <p class="faint">{t.bytes.cut(bytes.length)}</p>}
    </>
  );
}

/** An alert's packets with every byte explained, and those marked that made the sensor speak up. */
export function PacketBytes({ alertId }: { alertId: string }) {
  const { data } = useResource<{ packets: ExplainedPacket[] }>(`/alerts/${encodeId(alertId)}/explain`);
  const [chosen, setChosen] = useState(0);
  if (!data) return <p class="faint">{t.loading}</p>;
  // The first packet with marked bytes is the one that somebody wants to see.
  const first = Math.max(
    0,
    data.packets.findIndex((packet) => packet.fields.some((field) => field.matters)),
  );
  const packet = data.packets[chosen === 0 ? first : chosen - 1];
  if (!packet) return <p class="faint">{t.bytes.none}</p>;
  return (
    <>
      {data.packets.length > 1 && (
        <div class="toolbar">
          <Select
            label={t.bytes.choose}
            value={String(chosen === 0 ? first + 1 : chosen)}
            options={data.packets.map(
              (one, index) => [String(index + 1), t.bytes.packet(formatCount(one.pcap_cnt))] as const,
            )}
            onChange={(value) => setChosen(Number(value))}
          />
        </div>
      )}
      <Packet packet={packet} key={packet.pcap_cnt} />
    </>
  );
}
