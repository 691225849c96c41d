import type { Finding, Party } from '../../model/finding.js';
import { MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import { DistinctWindow } from './distinct-window.js';

/** A connection or datagram that nobody took up: refused, unanswered, or opened and left without a word. */
export interface Probe {
  readonly source: Party;
  readonly target: Party;
  readonly transport: 'tcp' | 'udp' | 'icmp' | 'ip';
  /** 0 where the transport has none. */
  readonly port: number;
}

const MINUTE: Micros = 60 * MICROS_PER_SECOND;
const DAY: Micros = 86_400 * MICROS_PER_SECOND;
const PORTS_OF_A_SCAN = 15;
const HOSTS_OF_A_SWEEP = 15;
const PLANT_PORTS_OF_A_SWEEP = 3;
const PROBES_OF_A_SLOW_SCAN = 30;
const ARP_TARGETS_OF_A_SWEEP = 20;
const ARP_WINDOW: Micros = 10 * MICROS_PER_SECOND;
/** ISO on TCP, Modbus, PCWorx, IEC 60870-5-104, OPC UA, FINS, CODESYS, DNP3, PROFINET, EtherNet/IP, BACnet. */
const PLANT_PORTS: ReadonlySet<number> = new Set([
  102, 502, 1502, 1962, 2404, 4840, 9600, 11_740, 20_000, 34_962, 34_963, 34_964, 44_818, 47_808,
]);
/** Per second. */
const OPENINGS_OF_A_FLOOD = 200;
const ICMP_OF_A_FLOOD = 100;
const ARP_OF_A_FLOOD = 50;
const BROADCASTS_OF_A_STORM = 500;
const MAX_BINDINGS = 20_000;
/** A card that was heard of within this time is still there when another one claims its address. */
const STILL_ACTIVE: Micros = 600 * MICROS_PER_SECOND;
/** Cards that belong to several devices by design: VRRP, HSRP, GLBP, Network Load Balancing. */
const SHARED_MACS = /^(?:00:00:5e:00:0[12]|00:00:0c:07:ac|00:00:0c:9f:f|00:07:b4:0|02:bf:|03:bf:|01:00:5e)/;

interface ArpBinding {
  mac: string;
  at: Micros;
  changes: number;
}

/** Events per key within the running second. */
class Rate {
  #second = Number.NaN;
  readonly #counts = new Map<string, number>();

  add(key: string, at: Micros): number {
    const second = Math.floor(at / MICROS_PER_SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts.clear();
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (count > 1 || this.#counts.size < 10_000) this.#counts.set(key, count);
    return count;
  }
}

/**
 * What shows below the protocols: scans, sweeps, floods, and stations that pretend to be others. Thresholds are those
 * of the published rule sets (Quickdraw, wirerust, Zeek's scan detection).
 */
export class NetworkCheck {
  readonly #version: string;
  readonly #ports = new DistinctWindow(MINUTE);
  readonly #hosts = new DistinctWindow(MINUTE);
  readonly #plantPorts = new DistinctWindow(MINUTE);
  readonly #slow = new DistinctWindow(DAY);
  /** Devices whose ports a source has scanned. */
  readonly #scanned = new DistinctWindow(DAY);
  readonly #fast = new DistinctWindow(DAY);
  readonly #arpTargets = new DistinctWindow(ARP_WINDOW);
  readonly #openings = new Rate();
  readonly #icmp = new Rate();
  readonly #arp = new Rate();
  readonly #broadcasts = new Rate();
  readonly #bindings = new Map<string, ArpBinding>();

  constructor(version: string) {
    this.#version = version;
  }

  /** Sources and pairs that were forgotten for want of room. */
  get forgotten(): number {
    return [this.#ports, this.#hosts, this.#plantPorts, this.#slow, this.#arpTargets].reduce(
      (sum, { forgotten }) => sum + forgotten,
      0,
    );
  }

  probe(probe: Probe, at: Micros): Finding[] {
    const { source, target, transport, port } = probe;
    const findings: Finding[] = [];
    const where = port > 0 ? `${transport}/${port}` : transport;
    if (port > 0) {
      const ports = this.#ports.add(`${source.ip} ${target.ip} ${transport}`, port, at).items;
      if (ports.size >= PORTS_OF_A_SCAN) {
        const devices = this.#scanned.add(source.ip, target.ip, at).items;
        const others = devices.size > 1 ? `, and so it did with ${devices.size - 1} other devices` : '';
        findings.push(
          this.#scan('port-scan', 'Port scan', 'high', ['T0846'], source, target, {
            description: `${source.label} tried ${ports.size} ports of ${target.label} within a minute and found no conversation behind them${others}.`,
            observed: `${transport.toUpperCase()} ports ${listed(ports)} of ${listed(devices)}`,
            key: source.ip,
          }),
        );
      }
    }
    const hosts = this.#hosts.add(`${source.ip} ${where}`, target.ip, at).items;
    if (hosts.size >= HOSTS_OF_A_SWEEP) {
      findings.push(
        this.#scan('host-sweep', 'Search for devices', 'high', ['T0846', 'T0840'], source, null, {
          description: `${source.label} tried ${where} on ${hosts.size} addresses within a minute, and none took part in a conversation.`,
          observed: `Addresses ${listed(hosts)}`,
          key: `${source.ip} ${where}`,
        }),
      );
    }
    if (PLANT_PORTS.has(port)) {
      const ports = this.#plantPorts.add(source.ip, port, at).items;
      if (ports.size >= PLANT_PORTS_OF_A_SWEEP) {
        findings.push(
          this.#scan('control-port-sweep', 'Search for controllers', 'critical', ['T0846', 'T0888'], source, null, {
            description: `${source.label} tried the ports of ${ports.size} different automation protocols within a minute: somebody looks for controllers, of whatever make.`,
            observed: `Ports ${listed(ports)}`,
            key: source.ip,
          }),
        );
      }
    }
    const slow = this.#slow.add(source.ip, `${target.ip} ${where}`, at).items;
    if (findings.length > 0) this.#fast.add(source.ip, 0, at);
    // A fast scan was told as such.
    else if (slow.size >= PROBES_OF_A_SLOW_SCAN && !this.#fast.has(source.ip, at)) {
      findings.push(
        this.#scan('slow-scan', 'Slow scan', 'medium', ['T0846'], source, null, {
          description: `${source.label} tried ${slow.size} different services within a day that never answered: a scan that takes its time, or a program with an old list of devices.`,
          observed: `For example ${listed(slow)}`,
          key: source.ip,
        }),
      );
    }
    return findings;
  }

  /** A first packet of a connection to `target`. */
  opening(target: Party, port: number, at: Micros): Finding | null {
    if (this.#openings.add(`${target.ip} ${port}`, at) !== OPENINGS_OF_A_FLOOD) return null;
    return this.#flood('connection-flood', 'Flood of connection requests', 'high', null, target, {
      description: `${target.label} received ${OPENINGS_OF_A_FLOOD} connection requests to port ${port} within a second. Controllers have room for few connections and may stop answering everybody.`,
      key: `${target.ip} ${port}`,
    });
  }

  icmp(source: Party, target: Party, type: number, at: Micros): Finding | null {
    if (type === ICMP_REDIRECT) {
      return {
        ...this.#base('icmp-redirect', 'A station redirects the traffic of another', 'high', ['T0830'], source, target),
        description: `${source.label} told ${target.label} to send its traffic another way (ICMP redirect). In a plant network with fixed routes nobody does this; an attacker uses it to read and change messages on their way.`,
        expected: 'Routes are configured, not learned from messages.',
        recommendation: `Find out whether ${source.label} is a router. If not, disconnect it and check the routes of ${target.label}.`,
        key: `${source.ip} ${target.ip}`,
      };
    }
    if (this.#icmp.add(target.ip, at) !== ICMP_OF_A_FLOOD) return null;
    return this.#flood('icmp-flood', 'Flood of ping messages', 'medium', source, target, {
      description: `${target.label} received ${ICMP_OF_A_FLOOD} ICMP messages within a second, the last of them from ${source.label}.`,
      key: target.ip,
    });
  }

  /** A frame to everybody or to a group. */
  broadcast(at: Micros): Finding | null {
    if (this.#broadcasts.add('', at) !== BROADCASTS_OF_A_STORM) return null;
    return this.#flood('broadcast-storm', 'Broadcast storm', 'high', null, null, {
      description: `${BROADCASTS_OF_A_STORM} frames to everybody within a second: every device of the network must look at each of them, and slow controllers stop working in time. The usual cause is a loop in the cabling.`,
      key: '',
    });
  }

  /** Somebody asks for the card of an address that no known device has. */
  arpRequest(
    source: Party,
    mac: string,
    unknownTarget: string,
    isKnown: (ip: string) => boolean,
    at: Micros,
  ): Finding | null {
    const rate = this.#arp.add(mac, at);
    const targets = this.#arpTargets.add(mac, unknownTarget, at).items;
    // A station that starts asks for all its devices; those have answered meanwhile.
    if (targets.size >= ARP_TARGETS_OF_A_SWEEP) {
      for (const target of targets) if (isKnown(String(target))) targets.delete(target);
    }
    if (targets.size < ARP_TARGETS_OF_A_SWEEP) {
      if (rate !== ARP_OF_A_FLOOD) return null;
      return this.#flood('arp-flood', 'Flood of ARP requests', 'medium', source, null, {
        description: `${source.label} (${mac}) sent ${ARP_OF_A_FLOOD} ARP requests within a second; each goes to every device of the network.`,
        key: mac,
      });
    }
    return this.#scan('arp-sweep', 'Search for devices by ARP', 'medium', ['T0846', 'T0840'], source, null, {
      description: `${source.label} asked for ${targets.size} addresses within ten seconds that no known device has. This is how scanners find out which addresses are in use.`,
      observed: `Addresses ${listed(targets)}`,
      key: mac,
    });
  }

  /** A device says that an address is its own. `before`: the card that said so last, in an earlier run. */
  arpClaim(
    claimed: Party,
    mac: string,
    before: { readonly value: string; readonly at: Micros } | null,
    at: Micros,
  ): Finding | null {
    let binding = this.#bindings.get(claimed.ip);
    if (!binding) {
      binding = { mac: before?.value ?? mac, at: before?.at ?? at, changes: 0 };
      if (this.#bindings.size < MAX_BINDINGS) this.#bindings.set(claimed.ip, binding);
    }
    const { mac: earlier, at: earlierAt } = binding;
    binding.at = at;
    if (earlier === mac) return null;
    binding.mac = mac;
    if (SHARED_MACS.test(mac) || SHARED_MACS.test(earlier)) return null;
    binding.changes++;
    return this.#taken(claimed, earlier, earlierAt, mac, binding.changes, at);
  }

  /** A connection under this address comes from another card than the one that said to be its owner. */
  cardUsed(
    used: Party,
    mac: string,
    owner: { readonly value: string; readonly at: Micros },
    at: Micros,
  ): Finding | null {
    const binding = this.#bindings.get(used.ip);
    const earlier = binding?.mac ?? owner.value;
    if (earlier === mac || SHARED_MACS.test(mac) || SHARED_MACS.test(earlier)) return null;
    return this.#taken(used, earlier, binding?.at ?? owner.at, mac, 1, at);
  }

  #taken(claimed: Party, earlier: string, earlierAt: Micros, mac: string, changes: number, at: Micros): Finding {
    const isActive = at - earlierAt < STILL_ACTIVE;
    return {
      ...this.#base(
        'address-taken',
        'An address changed to another network card',
        isActive ? 'high' : 'medium',
        ['T0830'],
        claimed,
        null,
      ),
      description: isActive
        ? `${claimed.ip} belonged to the network card ${earlier} until ${Math.max(1, Math.round((at - earlierAt) / MICROS_PER_SECOND))} s ago, and now ${mac} claims it. This is how an attacker puts himself between two devices; two devices with the same address look the same.`
        : `${claimed.ip} belonged to the network card ${earlier} and is now claimed by ${mac}. Either the device or its card was replaced, or somebody has taken its place.`,
      expected: `${claimed.ip} at ${earlier}`,
      observed: `${claimed.ip} at ${mac}${changes > 1 ? `, the ${changes}. change` : ''}`,
      recommendation: `Ask whether the device at ${claimed.ip} was replaced. If not, find the switch port of ${mac} and disconnect it.`,
      key: claimed.ip,
    };
  }

  /** The owner of an address was heard of again. */
  arpSeen(ip: string, at: Micros): void {
    const binding = this.#bindings.get(ip);
    if (binding && at > binding.at) binding.at = at;
  }

  #base(
    ruleId: string,
    title: string,
    severity: Finding['severity'],
    techniques: readonly string[],
    source: Party | null,
    target: Party | null,
  ): Omit<Finding, 'description' | 'recommendation' | 'key'> {
    return {
      kind: 'rule',
      ruleId,
      ruleVersion: this.#version,
      title,
      severity,
      source,
      target,
      protocol: null,
      object: null,
      techniques,
      expected: null,
      observed: null,
      tellsExtent: true,
    };
  }

  #scan(
    ruleId: string,
    title: string,
    severity: Finding['severity'],
    techniques: readonly string[],
    source: Party,
    target: Party | null,
    told: Pick<Finding, 'description' | 'observed' | 'key'>,
  ): Finding {
    return {
      ...this.#base(ruleId, title, severity, techniques, source, target),
      expected: 'Stations of a plant talk to the devices they were set up for.',
      recommendation: `Find out what runs on ${source.label}. A scanner of the IT department does not belong into a running plant: some controllers stop when they are scanned.`,
      ...told,
    };
  }

  #flood(
    ruleId: string,
    title: string,
    severity: Finding['severity'],
    source: Party | null,
    target: Party | null,
    told: Pick<Finding, 'description' | 'key'>,
  ): Finding {
    return {
      ...this.#base(ruleId, title, severity, ['T0814'], source, target),
      recommendation:
        'Find the switch port the messages come from and disconnect it; then check that the controllers still answer.',
      ...told,
    };
  }
}

/** RFC 792. */
const ICMP_REDIRECT = 5;
const MAX_LISTED = 8;

function listed(items: ReadonlySet<number | string>): string {
  const some = [...items].slice(0, MAX_LISTED);
  if (items.size <= MAX_LISTED) return some.join(', ');
  return `${some.join(', ')} and ${items.size >= 256 ? 'many' : items.size - MAX_LISTED} more`;
}
