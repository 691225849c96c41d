import { locale, t } from '../i18n/index.ts';
import { own } from './text.ts';

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const clock = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const dayClock = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const yearClock = new Intl.DateTimeFormat(locale, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const shortClock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });

export const zoneName = zone;

function parse(iso: string): Date | undefined {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? undefined : new Date(ms);
}

/** As short as today allows: captures are often old, so the year is told when it is not this one. */
export function formatTime(iso: string): string {
  const date = parse(iso);
  if (!date) return iso;
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return clock.format(date);
  if (date.getFullYear() === now.getFullYear()) return dayClock.format(date);
  return yearClock.format(date);
}

/** UTC with the sensor's full precision, as in the records. */
export function formatUtc(iso: string): string {
  return parse(iso) ? t.time.utc(iso.replace('T', ' ').replace(/Z$/, '')) : iso;
}

export function formatAxis(iso: string, spanMs: number): string {
  const date = parse(iso);
  if (!date) return iso;
  return spanMs > 2 * 86_400_000
    ? day.format(date)
    : spanMs < 5 * 60_000
      ? clock.format(date)
      : shortClock.format(date);
}

const whole = new Intl.NumberFormat(locale);
const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
const fine = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });

export function formatCount(value: number): string {
  return whole.format(value);
}

export function formatCompact(value: number): string {
  return value < 100_000 ? whole.format(value) : compact.format(value);
}

export function formatPercent(value: number): string {
  return t.unit.percent(value > 0 && value < 0.01 ? `< ${fine.format(0.01)}` : fine.format(value));
}

export function formatBytes(value: number): string {
  let scaled = value;
  let step = 0;
  while (scaled >= 1000 && step < t.unit.bytes.length - 1) {
    scaled /= 1000;
    step++;
  }
  const digits = step === 0 || scaled >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(scaled)} ${t.unit.bytes[step]}`;
}

export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${fine.format(Math.round(seconds * 1000))} ${t.unit.milliseconds}`;
  if (seconds < 120) return `${fine.format(Math.round(seconds * 10) / 10)} ${t.unit.seconds}`;
  if (seconds < 7200) return `${fine.format(Math.round(seconds / 6) / 10)} ${t.unit.minutes}`;
  return `${fine.format(Math.round(seconds / 360) / 10)} ${t.unit.hours}`;
}

/** `read_holding_registers` as a person writes it; the names of the standards' verbs are English in every language. */
export function humanise(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `modbus.device_identification`: who said something, in words where there are some. */
export function sourceName(source: string): string {
  const known = own(t.evidenceSource, source);
  if (known !== undefined) return known;
  const [protocol = '', ...rest] = source.split('.');
  const detail = rest.join(' ').replaceAll('_', ' ');
  const plain = rest.length === 0 ? protocol.toUpperCase() : humanise(protocol);
  const who = own(t.protocol, protocol) ?? own(t.evidenceSource, protocol) ?? plain;
  return detail === '' ? who : `${who}: ${detail}`;
}

export function protocolName(name: string): string {
  return own(t.protocol, name) ?? name;
}

export function roleName(name: string): string {
  return own(t.assetRole, name) ?? humanise(name);
}
