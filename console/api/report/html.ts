import { cleanText } from '../../../sensor/export/text.js';
import { ALERT_STATUSES } from '../../../sensor/model/records.js';
import { SEVERITIES } from '../../../sensor/model/severity.js';
import { translator } from '../../texts/phrases.js';
import { reportDe, roleDe, severityDe, statusDe } from '../../texts/report-de.js';
import { reportEn, roleEn, severityEn, statusEn } from '../../texts/report-en.js';
import { sensorDe } from '../../texts/sensor-de/index.js';
import type { Report } from './data.js';

export const REPORT_LANGUAGES = ['en', 'de'] as const;
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

const WORDS = {
  en: { report: reportEn, role: roleEn, severity: severityEn, status: statusEn },
  de: { report: reportDe, role: roleDe, severity: severityDe, status: statusDe },
} as const;
const MAX_TEXT = 500;

/** The sensor's own words in the language of the report; what people wrote stays as it is. */
const SAID: Readonly<Record<ReportLanguage, (english: string) => string>> = {
  en: (english) => english,
  de: translator(sensorDe),
};

/** Text from packets and people: never markup, never a control character. */
function text(value: string | number): string {
  return cleanText(String(value), MAX_TEXT).replaceAll(
    /[&<>"']/g,
    (character) => `&#${character.codePointAt(0) ?? 0};`,
  );
}

const STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 10.5pt/1.45 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; color: #1a2327; margin: 0 auto; max-width: 62rem; padding: 2rem; }
h1 { font-size: 20pt; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 13pt; margin: 2rem 0 .6rem; padding-bottom: .25rem; border-bottom: 2px solid #0d6b63; break-after: avoid; }
h3 { font-size: 10.5pt; margin: 1.2rem 0 .4rem; break-after: avoid; }
p { margin: .4rem 0; }
.meta, .note { color: #55636a; }
.warn { color: #8a4b00; font-weight: 600; }
table { width: 100%; border-collapse: collapse; font-size: 9.5pt; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid #d8dee1; overflow-wrap: anywhere; }
thead th { font-weight: 600; color: #55636a; border-bottom-color: #9aa7ad; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.t { white-space: nowrap; font-variant-numeric: tabular-nums; }
.summary { display: grid; grid-template-columns: repeat(2, 1fr); gap: .8rem; margin: 1.2rem 0; }
.summary div { border: 1px solid #d8dee1; border-left: 4px solid #0d6b63; border-radius: 4px; padding: .6rem .8rem; break-inside: avoid; }
.summary dt { font-weight: 600; } .summary dd { margin: .2rem 0 0; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 0 2rem; }
.tag { display: inline-block; padding: 0 .45rem; border-radius: 3px; border: 1px solid #9aa7ad; white-space: nowrap; }
.critical { background: #b3261e; border-color: #b3261e; color: #fff; } .high { background: #c8501e; border-color: #c8501e; color: #fff; }
.medium, .look { background: #fff3d6; border-color: #b98900; } .met { background: #e3f3ec; border-color: #2d7a57; }
@page { size: A4; margin: 16mm 14mm; }
@media print { body { padding: 0; max-width: none; } .tag { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;

/** Names may come from packets: `constructor` must find nothing. */
function own(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

type Cell = { text: string; className?: string };

const LONGEST_UNBROKEN = 20;
/** An address is not broken over lines; a long text may be, anywhere. */
const plain = (value: string): Cell =>
  value.length > LONGEST_UNBROKEN || value.includes(' ')
    ? { text: text(value) }
    : { text: text(value), className: 't' };
const number = (value: string): Cell => ({ text: text(value), className: 'n' });
const tag = (word: string, className: string): Cell => ({
  text: `<span class="tag ${className}">${text(word)}</span>`,
});

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cell = (name: 'th' | 'td', { text: inside, className }: Cell) =>
    `<${name}${className === undefined ? '' : ` class="${className}"`}>${inside}</${name}>`;
  const classes = rows[0]?.map(({ className }) => className) ?? [];
  const titles = head.map((title, index) => {
    const className = classes[index];
    return cell('th', { text: text(title), ...(className === 'n' ? { className } : {}) });
  });
  const body = rows.map((row) => `<tr>${row.map((one) => cell('td', one)).join('')}</tr>`);
  return `<table><thead><tr>${titles.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}

/**
 * The report as one file that needs nothing else: no script, no font, no picture from elsewhere. It prints on A4, also
 * as PDF (`chromium --headless --print-to-pdf`). Times are those of `zone` (IANA name).
 */
export function reportHtml(report: Report, language: ReportLanguage, zone: string): string {
  const words = WORDS[language];
  const t = words.report;
  const said = SAID[language];
  const dates = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'de', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: zone,
  });
  const when = (iso: string | null) => (iso === null ? '–' : dates.format(new Date(iso)));
  const count = (value: number) => value.toLocaleString(language);
  const { alerts, assets, risks } = report;
  const severe = alerts.by_severity.critical + alerts.by_severity.high;
  const sight =
    report.watched_seconds === 0
      ? t.sightNone
      : t.sightText(
          `${(Math.floor((1000 * (report.watched_seconds - report.blind_seconds)) / report.watched_seconds) / 10).toLocaleString(language)} %`,
          t.duration(report.watched_seconds),
        );
  const counts = (title: string, rows: readonly (readonly [string, number])[]) =>
    `<section><h3>${text(title)}</h3>${
      rows.length === 0
        ? `<p class="note">${text(t.none)}</p>`
        : table(
            ['', t.times],
            rows.map(([name, amount]) => [plain(name), number(count(amount))]),
          )
    }</section>`;
  const tallied = (tally: Readonly<Record<string, number>>) =>
    Object.entries(tally)
      .sort((a, b) => b[1] - a[1])
      .map(([name, amount]) => [name === '' ? t.unknown : name, amount] as const);
  const pairs = (title: string, explained: string, rows: typeof risks.strangers, total: number) =>
    rows.length === 0
      ? ''
      : `<h3>${text(title)}</h3><p class="note">${text(explained)}</p>${table(
          [t.from, t.toward, t.protocols],
          rows.map(({ client, server, protocols }) => [plain(client), plain(server), plain(protocols.join(', '))]),
        )}${total > rows.length ? `<p class="note">${text(t.more(total - rows.length))}</p>` : ''}`;
  const summary: [string, string][] = [
    [t.alerts, t.alertsText(alerts.total, severe, alerts.by_status.open)],
    [t.devices, t.devicesText(assets.total, assets.new_devices, assets.total - assets.approved)],
    [t.sight, sight],
    [t.coverage, t.coverageText(report.coverage.detected, report.coverage.visible, report.coverage.seen)],
  ];
  const heading = text(t.heading(report.site));
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${heading}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${heading}</h1>
<p class="meta">${text(t.period(when(report.from), when(report.to)))} (${text(zone)})<br>${text(t.generated(when(report.generated), report.version))}</p>
</header>
<main>
<dl class="summary">${summary.map(([name, what]) => `<div><dt>${text(name)}</dt><dd>${text(what)}</dd></div>`).join('')}</dl>
${alerts.complete ? '' : `<p class="warn">${text(t.notAll)}</p>`}
<h2>${text(t.risks)}</h2>
<p class="note">${text(t.risksNow)}</p>
${
  risks.devices.length + risks.strangers.length + risks.crossings.length === 0
    ? `<p>${text(t.noRisks)}</p>`
    : [
        risks.devices.length === 0
          ? ''
          : `<h3>${text(t.riskDevices)}</h3>${table(
              [t.device, t.criticality, t.worstAlert, t.openAlerts],
              risks.devices.map((device) => [
                plain(device.name),
                plain(own(t.criticalities, device.criticality) ?? device.criticality),
                tag(words.severity[device.worst ?? 'low'], device.worst ?? 'low'),
                number(count(device.open_alerts)),
              ]),
            )}`,
        pairs(t.riskStrangers, t.riskStrangersText, risks.strangers, risks.strangers_total),
        pairs(t.riskCrossings, t.riskCrossingsText, risks.crossings, risks.crossings_total),
      ].join('\n')
}
<h2>${text(t.alerts)}</h2>
<div class="columns">
${counts(
  t.bySeverity,
  [...SEVERITIES].reverse().map((severity) => [words.severity[severity], alerts.by_severity[severity]]),
)}
${counts(
  t.byStatus,
  ALERT_STATUSES.map((status) => [words.status[status], alerts.by_status[status]]),
)}
</div>
<div class="columns">
${counts(
  t.byTitle,
  alerts.by_title.map(({ name, count: amount }) => [said(name), amount]),
)}
${counts(
  t.bySource,
  alerts.by_source.map(({ name, count: amount }) => [name, amount]),
)}
</div>
${
  alerts.worst.length === 0
    ? ''
    : `<h3>${text(t.worst)}</h3>${table(
        [t.severity, t.firstSeen, t.alert, t.from, t.toward, t.state],
        alerts.worst.map((alert) => [
          tag(words.severity[alert.severity], alert.severity),
          { text: text(when(alert.first_seen)), className: 't' },
          plain(said(alert.title)),
          plain(alert.src_ip ?? ''),
          plain(alert.dest_ip ?? ''),
          plain(words.status[alert.status]),
        ]),
      )}`
}
<h2>${text(t.devices)}</h2>
<div class="columns">
${counts(
  t.byLevel,
  tallied(assets.byLevel).map(([level, amount]) => [level === t.unknown ? level : t.level(level), amount] as const),
)}
${counts(
  t.byRole,
  tallied(assets.byRole).map(([role, amount]) => [own(words.role, role) ?? role, amount] as const),
)}
${counts(
  t.byVendor,
  assets.byVendor.map(({ name, count: amount }) => [name, amount]),
)}
</div>
<h3>${text(t.newDevices)}</h3>
${
  assets.newest.length === 0
    ? `<p class="note">${text(t.noneNew)}</p>`
    : table(
        [t.device, t.address, t.vendor, t.firstSeen],
        assets.newest.map((asset) => [
          plain(asset.name),
          plain(asset.ip),
          plain(asset.vendor),
          { text: text(when(asset.first_seen)), className: 't' },
        ]),
      )
}
<h2>${text(t.changes)}</h2>
${
  report.changes.length === 0
    ? `<p class="note">${text(t.noChanges)}</p>`
    : table(
        [t.action, t.times],
        report.changes.map(({ name, count: amount }) => [plain(own(t.actions, name) ?? name), number(count(amount))]),
      )
}
<h2>${text(t.duties)}</h2>
<p class="note">${text(t.dutiesText)}</p>
${table(
  [t.duty, t.answer, t.state],
  report.controls.map((control) => [
    { text: text(`${control.standard} ${control.id}`), className: 't' },
    plain(t.controls[control.key](control.values)),
    tag(t.states[control.state] ?? control.state, control.state),
  ]),
)}
<h2>${text(t.sensors)}</h2>
${table(
  [t.sensor, t.firstPacket, t.lastPacket, t.packets, t.lost, t.unreadable, t.encrypted],
  report.sensors.map((sensor) => [
    plain(sensor.sensor),
    { text: text(when(sensor.first_packet)), className: 't' },
    { text: text(when(sensor.last_packet)), className: 't' },
    number(count(sensor.packets)),
    number(count(sensor.lost)),
    number(count(sensor.decode_errors)),
    number(`${sensor.encrypted_percent.toLocaleString(language)} %`),
  ]),
)}
<p class="note">${text(t.sightNote)}</p>
</main>
</body>
</html>
`;
}
