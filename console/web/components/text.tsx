import { said, t } from '../i18n/index.ts';
import { formatTime, formatUtc } from '../lib/format.ts';
import { visibleParts } from '../lib/text.ts';

/** Text that a packet brought: shown literally, with what is invisible made visible, and apart from our own direction. */
export function Raw({ text, mono = false }: { text: string | number; mono?: boolean }) {
  const parts = visibleParts(String(text));
  return (
    <bdi class={mono ? 'mono' : undefined}>
      {parts.map((part) => (part.escaped ? <span class="escape">{part.text}</span> : part.text))}
    </bdi>
  );
}

export function Time({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={formatUtc(iso)} class="time">
      {formatTime(iso)}
    </time>
  );
}

export function NotKnown() {
  return <span class="faint">{t.notKnown}</span>;
}

const ISO_TIME = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** A sentence whose times stand in it as ISO 8601: shown as the reader's clock has them, with UTC on hover. */
export function Timed({ text }: { text: string }) {
  const parts = text.split(ISO_TIME);
  return <>{parts.map((part, index) => (index % 2 === 1 ? <Time iso={part} /> : part && <Raw text={part} />))}</>;
}

/** A sentence of the sensor, in the reader's language. */
export function Said({ text }: { text: string }) {
  return <Timed text={said(text)} />;
}
