import type { ExportEvent } from '../../event.js';
import type { FieldMapping } from '../format.js';
import { jsonFormat } from '../json-format.js';

const direct = (key: keyof ExportEvent, meaning: string): FieldMapping => ({
  field: key,
  from: meaning,
  value: (event) => event[key] as ReturnType<FieldMapping['value']>,
});

const mapping: readonly FieldMapping[] = [
  direct('schema_version', 'version of these fields'),
  direct('event_id', 'the same for every sending of this event: duplicates are recognised by it'),
  direct('sequence', 'rises by one with every message of this exporter'),
  direct('stream', 'changes when the numbering starts anew'),
  direct('type', 'alert, update, status, storm, asset, audit, notice, heartbeat or test'),
  direct('timestamp', 'time of the event, UTC; packet time for what came from packets'),
  direct('severity', 'informational, low, medium, high or critical'),
  direct('title', 'short text for a person'),
  direct('description', 'longer text'),
  direct('sensor', 'setting `sensor`'),
  direct('site', 'setting `site`'),
  direct('product', 'Fieldwatch'),
  direct('version', 'version of the program'),
  direct('truncated', 'true where texts were shortened to keep the bound'),
  direct('lost', 'notice: messages that were given up'),
  {
    field: 'alert',
    from: 'the alert as the API gives it (id, kind, rule_id, status, count, src_ip, dest_ip, attack, …), with the first and latest record of its evidence',
    value: (event) => event.alert && { ...event.alert, title: undefined, description: undefined },
  },
  direct('source', "the inventory's entry for alert.src_asset: asset, name, zone, roles, mac"),
  direct('destination', "the inventory's entry for alert.dest_asset"),
  direct('storm', 'rule_id, kind, alerts (how many), first_alert, seconds'),
  direct('asset', 'the device as the API gives it, without evidence'),
  direct('heartbeat', 'interval_seconds, waiting, lost, is_sensor_running'),
  direct('audit', 'n, at, user, source, action, target, before, after'),
];

export const jsonFormatOfOurs = jsonFormat(
  'json',
  'Everything, with the names that the API and the command line use.',
  mapping,
);
