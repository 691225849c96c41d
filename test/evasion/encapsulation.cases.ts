import {
  CLIENT_IP6,
  erspan1,
  erspan2,
  erspan3,
  ethernet,
  ethernet8023Snap,
  gre,
  ipv4,
  ipv6,
  type Layer,
  loop,
  mpls,
  mplsEthernet,
  nullLoopback,
  pppoe,
  raw,
  SERVER_IP6,
  sll,
  sll2,
  vlan,
  vlans,
  vxlan,
} from '../support/packets.js';
import { asked, connection, type EvasionCase, macsOf, SAW_AFTER, SAW_ALL, started, written } from './case.js';

type Wrap = (packet: Layer, fromClient: boolean) => Layer;

const TUNNEL = { src: '192.0.2.1', dst: '192.0.2.2' };
const TUNNEL6 = { src: '2001:db8::1', dst: '2001:db8::2' };

function inner(packet: Layer, fromClient: boolean): Layer {
  return ethernet(packet, macsOf(fromClient));
}

function wrapped(id: string, name: string, frame: Wrap, more: Partial<EvasionCase> = {}, ip6 = false): EvasionCase {
  const addresses = ip6 ? { clientIp: CLIENT_IP6, serverIp: SERVER_IP6 } : {};
  return {
    id,
    name,
    frames: connection((pair) => [started(pair), written(pair), asked(pair)], { ...addresses, frame }),
    records: [...SAW_ALL, ...SAW_AFTER],
    ...more,
  };
}

function nested(depth: number): Wrap {
  return (packet) => {
    let layer = packet;
    for (let i = 0; i < depth; i++) layer = ipv4(TUNNEL, layer);
    return ethernet(layer);
  };
}

/** One direction in one frame format, the other in another. */
function oneSided(client: Wrap, server: Wrap): Wrap {
  return (packet, fromClient) => (fromClient ? client : server)(packet, fromClient);
}

/** Where a Modbus conversation can ride: every link type and every encapsulation. */
export const ENCAPSULATION_CASES: readonly EvasionCase[] = [
  wrapped('L01', 'Ethernet II', inner),
  wrapped('L02', '802.3 with LLC and SNAP', (packet, fromClient) => ethernet8023Snap(packet, macsOf(fromClient))),
  wrapped('L03', 'Linux cooked (SLL)', (packet) => sll(packet)),
  wrapped('L04', 'Linux cooked, version 2', (packet) => sll2(packet)),
  wrapped('L05', 'BSD loopback, little endian', (packet) => nullLoopback(packet)),
  wrapped('L06', 'BSD loopback, big endian', (packet) => nullLoopback(packet, { bigEndian: true })),
  wrapped('L07', 'OpenBSD loopback', (packet) => loop(packet)),
  wrapped('L08', 'raw IP', (packet) => raw(packet)),
  wrapped('L09', 'raw IPv4', (packet) => raw(packet, 228)),
  wrapped('L10', 'raw IP, link type 12', (packet) => raw(packet, 12)),
  wrapped('L11', 'raw IP, link type 14', (packet) => raw(packet, 14)),
  wrapped('L12', 'Ethernet, IPv6', inner, {}, true),
  wrapped('L13', 'BSD loopback, IPv6', (packet) => nullLoopback(packet), {}, true),
  wrapped(
    'L14',
    'BSD loopback, IPv6 with the other families',
    (packet) => nullLoopback(packet, { family: 24 }),
    {},
    true,
  ),
  wrapped('L15', 'raw IPv6', (packet) => raw(packet, 229), {}, true),
  wrapped('L16', 'raw IP, IPv6', (packet) => raw(packet), {}, true),
  wrapped('L17', 'Linux cooked, IPv6', (packet) => sll(packet), {}, true),
  wrapped('L18', 'Linux cooked with a VLAN tag', (packet) => sll(vlan(5, packet))),

  wrapped('I05', 'VLAN', (packet, fromClient) => ethernet(vlan(100, packet), macsOf(fromClient))),
  wrapped('I05b', 'priority tag (VLAN 0)', (packet) => ethernet(vlan(0, packet, { priority: 5 }))),
  wrapped('I06a', 'QinQ', (packet) => ethernet(vlans([200, 100], packet))),
  wrapped('I06b', 'QinQ with the tag types 0x9100 and 0x9200', (packet) =>
    ethernet(vlan(300, vlan(200, vlan(100, packet), { tpid: 0x9200 }), { tpid: 0x9100 })),
  ),
  wrapped('I06c', 'three tags', (packet) => ethernet(vlans([3, 2, 1], packet))),
  wrapped('I06d', 'four tags', (packet) => ethernet(vlans([4, 3, 2, 1], packet))),
  wrapped('I06e', 'five tags', (packet) => ethernet(vlans([5, 4, 3, 2, 1], packet)), {
    records: [],
    anomalies: ['decode.too_many_layers'],
  }),
  wrapped('I07a', 'MPLS, one label', (packet) => ethernet(mpls([100], packet))),
  wrapped('I07b', 'MPLS, three labels', (packet) => ethernet(mpls([100, 200, 300], packet))),
  wrapped('I07c', 'MPLS pseudo-wire with control word', (packet, fromClient) =>
    ethernet(mplsEthernet([100], inner(packet, fromClient), true)),
  ),
  wrapped('I07d', 'MPLS pseudo-wire without control word', (packet, fromClient) =>
    ethernet(mplsEthernet([100], inner(packet, fromClient), false)),
  ),
  wrapped('I07e', 'MPLS without end', (packet) => ethernet(mpls(new Array<number>(40).fill(7), packet)), {
    records: [],
    anomalies: ['decode.too_many_layers'],
  }),
  wrapped('I07f', 'MPLS, IPv6', (packet) => ethernet(mpls([100], packet)), {}, true),
  wrapped('L19', 'PPPoE', (packet) => ethernet(pppoe(packet))),
  wrapped('L20', 'PPPoE, IPv6', (packet) => ethernet(pppoe(packet)), {}, true),
  wrapped('I08a', 'GRE', (packet) => ethernet(ipv4(TUNNEL, gre(packet)))),
  wrapped('I08b', 'GRE with checksum, key and sequence number', (packet) =>
    ethernet(ipv4(TUNNEL, gre(packet, { withChecksum: true, key: 1, sequence: 2 }))),
  ),
  wrapped('I08c', 'GRE with Ethernet inside', (packet, fromClient) =>
    ethernet(ipv4(TUNNEL, gre(inner(packet, fromClient)))),
  ),
  wrapped('I08d', 'GRE in IPv6', (packet) => ethernet(ipv6(TUNNEL6, gre(packet)))),
  wrapped('I09a', 'ERSPAN I', (packet, fromClient) => ethernet(ipv4(TUNNEL, erspan1(inner(packet, fromClient))))),
  wrapped('I09b', 'ERSPAN II', (packet, fromClient) => ethernet(ipv4(TUNNEL, erspan2(inner(packet, fromClient))))),
  wrapped('I09c', 'ERSPAN III', (packet, fromClient) => ethernet(ipv4(TUNNEL, erspan3(inner(packet, fromClient))))),
  wrapped('I09d', 'ERSPAN III with the platform header', (packet, fromClient) =>
    ethernet(ipv4(TUNNEL, erspan3(inner(packet, fromClient), { platform: true }))),
  ),
  wrapped('I09e', 'ERSPAN II with a VLAN tag in the mirrored frame', (packet, fromClient) =>
    ethernet(ipv4(TUNNEL, erspan2(ethernet(vlan(12, packet), macsOf(fromClient))))),
  ),
  wrapped('I10a', 'VXLAN', (packet, fromClient) => ethernet(ipv4(TUNNEL, vxlan(inner(packet, fromClient))))),
  wrapped('I10b', 'VXLAN in IPv6', (packet, fromClient) => ethernet(ipv6(TUNNEL6, vxlan(inner(packet, fromClient))))),
  wrapped('I10c', 'VXLAN on the port that Linux used first', (packet, fromClient) =>
    ethernet(ipv4(TUNNEL, vxlan(inner(packet, fromClient), { dport: 8472 }))),
  ),
  wrapped('I11a', 'IP in IP', nested(1)),
  wrapped('I11b', 'IP in IP in IP, eight deep', nested(8)),
  wrapped('I11c', 'IP in IP, twenty deep', nested(20), { records: [], anomalies: ['decode.too_many_layers'] }),
  wrapped('I11d', 'IPv6 in IPv4', (packet) => ethernet(ipv4(TUNNEL, packet)), {}, true),
  wrapped('I11e', 'IPv4 in IPv6', (packet) => ethernet(ipv6(TUNNEL6, packet))),
  wrapped('I11f', 'VLAN, MPLS, IPv4, GRE, Ethernet, VLAN, IPv4', (packet, fromClient) =>
    ethernet(vlan(1, mpls([5], ipv4(TUNNEL, gre(ethernet(vlan(2, packet), macsOf(fromClient))))))),
  ),
  wrapped(
    'I14',
    'only one direction is tagged',
    oneSided((packet) => ethernet(vlan(10, packet)), inner),
  ),
  wrapped(
    'I14b',
    'each direction has another tag',
    oneSided(
      (packet) => ethernet(vlan(10, packet)),
      (packet) => ethernet(vlan(11, packet)),
    ),
  ),
  wrapped(
    'I14c',
    'one direction comes through an ERSPAN tunnel, the other does not',
    oneSided((packet) => ethernet(ipv4(TUNNEL, erspan2(inner(packet, true)))), inner),
  ),
];
