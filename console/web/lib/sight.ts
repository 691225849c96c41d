import type { InterfaceHealth, SensorHealth } from '../../../sensor/model/records.ts';

/** How well the sensors see, as one word. `finished`: captures were analysed to their end, nothing runs. */
export type Sight = 'none' | 'full' | 'partly' | 'blind' | 'finished';

export function lostPackets(health: InterfaceHealth): number {
  return (health.dropped_by_kernel ?? 0) + (health.dropped_by_interface ?? 0);
}

function sees(health: InterfaceHealth): boolean {
  return health.state === 'capturing' || health.state === 'finished';
}

function sightOfOne(sensor: SensorHealth): Sight {
  if (sensor.mode === 'replay') return sensor.running ? 'full' : 'finished';
  if (!sensor.running || !sensor.interfaces.some(sees)) return 'blind';
  const allSee = sensor.interfaces.every(sees);
  return allSee && sensor.interfaces.every((one) => lostPackets(one) === 0) ? 'full' : 'partly';
}

export function sightOf(sensors: readonly SensorHealth[]): Sight {
  if (sensors.length === 0) return 'none';
  const each = sensors.map(sightOfOne);
  if (each.every((sight) => sight === 'finished')) return 'finished';
  const watching = each.filter((sight) => sight !== 'finished');
  if (watching.every((sight) => sight === 'blind')) return 'blind';
  return watching.every((sight) => sight === 'full') ? 'full' : 'partly';
}

export interface SeenSoFar {
  packets: number;
  lost: number;
  /** Time of the first packet; undefined when none was seen. */
  since: string | undefined;
}

/** What explains silence: so much was seen, since then. */
export function seenSoFar(sensors: readonly SensorHealth[]): SeenSoFar {
  let since: string | undefined;
  let packets = 0;
  let lost = 0;
  for (const sensor of sensors) {
    packets += sensor.packets;
    for (const one of sensor.interfaces) lost += lostPackets(one);
    if (sensor.first_packet !== undefined && (since === undefined || sensor.first_packet < since)) {
      since = sensor.first_packet;
    }
  }
  return { packets, lost, since };
}
