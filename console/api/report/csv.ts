import { type CsvStyle, csvLine } from '../../../sensor/inventory/exchange/csv.js';
import { ALERT_STATUSES } from '../../../sensor/model/records.js';
import { SEVERITIES } from '../../../sensor/model/severity.js';
import type { Report } from './data.js';

/** The report's figures and its worst alerts, one a line: part, name, value. */
export function reportCsv(report: Report, style: CsvStyle): string {
  const rows: (string | number)[][] = [
    ['part', 'name', 'value'],
    ['period', 'from', report.from],
    ['period', 'to', report.to],
    ['devices', 'total', report.assets.total],
    ['devices', 'new', report.assets.new_devices],
    ['devices', 'approved', report.assets.approved],
    ...SEVERITIES.map((severity) => ['alerts', severity, report.alerts.by_severity[severity]]),
    ...ALERT_STATUSES.map((status) => ['alerts', status, report.alerts.by_status[status]]),
    ...report.alerts.by_title.map(({ name, count: amount }) => ['alert', name, amount]),
    ...report.changes.map(({ name, count: amount }) => ['change', name, amount]),
    ...report.risks.devices.map((device) => ['risk device', device.name, `${device.worst} ${device.open_alerts}`]),
    ...report.risks.strangers.map(({ client, server }) => ['risk unknown device', client, server]),
    ...report.risks.crossings.map(({ client, server }) => ['risk across zones', client, server]),
    ...report.controls.map(({ standard, id, state }) => ['duty', `${standard} ${id}`, state]),
    ...report.alerts.worst.map((alert) => [
      `alert ${alert.severity}`,
      alert.title,
      `${alert.first_seen} ${alert.src_ip ?? ''} > ${alert.dest_ip ?? ''} ${alert.status}`,
    ]),
  ];
  return style.start + rows.map((cells) => csvLine(cells.map(String), style)).join('');
}
