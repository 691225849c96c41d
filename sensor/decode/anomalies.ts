import type { AnomalyDef } from '../model/anomaly.js';

function decode(code: string, title: string, description: string, severity: AnomalyDef['severity'] = null): AnomalyDef {
  return { code: `decode.${code}`, layer: 'decode', title, description, severity };
}

/** What can be odd about a packet before its stream is known. */
export const DECODE = {
  truncatedPacket: decode(
    'truncated_packet',
    'Packet cut short by the capture',
    'The capture kept only the beginning of this packet (snap length), so its content is known only in part. Raise the snap length of the capture.',
  ),
  tooManyLayers: decode(
    'too_many_layers',
    'Packet with too many nested headers',
    'The packet nests more tunnels or VLAN tags than any plant network needs; what is inside was not read. This can be an attempt to hide traffic from monitoring.',
    'medium',
  ),
  badIpv4Header: decode(
    'bad_ipv4_header',
    'Damaged IPv4 header',
    'The lengths in the IPv4 header contradict each other or the packet, so receivers drop it.',
  ),
  badIpv4Option: decode(
    'bad_ipv4_option',
    'Invalid IPv4 option',
    'The IPv4 options are malformed. Receivers drop such a packet; a monitor that reads it would be deceived, so its content was not used.',
    'low',
  ),
  badIpv6Header: decode(
    'bad_ipv6_header',
    'Damaged IPv6 header',
    'The lengths in the IPv6 header or an extension header contradict each other or the packet.',
  ),
  badTcpHeader: decode('bad_tcp_header', 'Damaged TCP header', 'The TCP header contradicts the length of its packet.'),
  badUdpLength: decode('bad_udp_length', 'Damaged UDP header', 'The UDP length contradicts the length of its packet.'),
  fragmentOverlap: decode(
    'frag_overlap',
    'Overlapping IP fragments with different content',
    'Two fragments of one packet claim the same place with different bytes. Normal senders never do this; it is a known way to show a monitor other content than the device. Both readings were analysed.',
    'high',
  ),
  fragmentTimeout: decode(
    'frag_timeout',
    'IP fragments that were never completed',
    'Fragments of a packet arrived, but never all of them, so the packet could not be read.',
  ),
  fragmentTooLarge: decode(
    'frag_too_large',
    'IP fragments larger than any packet',
    'Fragments add up to more than the 65,535 bytes that an IP packet may have ("ping of death").',
    'medium',
  ),
  fragmentTableFull: decode(
    'frag_table_full',
    'Too many incomplete IP fragments',
    'More packets are being fragmented at the same time than the sensor keeps; the oldest were let go.',
    'medium',
  ),
  fragmentZeroLength: decode(
    'frag_zero_length',
    'Empty IP fragment',
    'A fragment without content serves no purpose in normal traffic.',
  ),
  offloadPacket: decode(
    'offload_packet',
    'Packet larger than the network can carry',
    'The capturing network card merges packets before the sensor sees them (GRO/LRO/TSO). Analysis goes on; switch the offload off for exact packet evidence.',
  ),
  timeBackwards: {
    code: 'capture.time_backwards',
    layer: 'decode',
    title: 'Capture time runs backwards',
    description: 'A packet is older than the one before it. Analysis follows the latest time seen.',
    severity: null,
  },
  timeJump: {
    code: 'capture.time_jump',
    layer: 'decode',
    title: 'Capture time jumps by more than a day',
    description: 'Between two packets the capture time jumps by more than a day; time-based checks start anew.',
    severity: null,
  },
} as const satisfies Record<string, AnomalyDef>;
