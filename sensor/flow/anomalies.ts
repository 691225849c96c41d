import type { AnomalyDef } from '../model/anomaly.js';

function stream(code: string, title: string, description: string, severity: AnomalyDef['severity'] = null): AnomalyDef {
  return { code: `stream.${code}`, layer: 'stream', title, description, severity };
}

/** What can be odd about a connection, whatever it carries. */
export const STREAM = {
  tinySegments: stream(
    'tiny_segments',
    'Data sent in one- or two-byte pieces',
    'A connection carries its data in tiny pieces. Devices do not do this; it is a way to slip past monitoring that looks at single packets.',
    'medium',
  ),
  overlapDifferentData: stream(
    'overlap_different_data',
    'Two contradicting versions of the same data',
    'Two packets claim the same place in a connection with different content. One of them was meant to deceive either the device or the monitor; both readings were analysed.',
    'high',
  ),
  retransmissionDifferentData: stream(
    'retransmission_different_data',
    'Repeated data differs from the first time',
    'Data that had already been acknowledged was sent again with other content. The device has most likely used the first version; both readings were analysed.',
    'high',
  ),
  resetOutOfWindow: stream(
    'rst_out_of_window',
    'Forged connection reset',
    'A reset packet does not fit its connection, so the device ignores it. It may have been sent to make a monitor stop watching.',
    'medium',
  ),
  finOutOfWindow: stream(
    'fin_out_of_window',
    'Forged end of connection',
    'A packet that ends the connection does not fit it, so the device ignores it. It may have been sent to make a monitor stop watching.',
    'medium',
  ),
  dataAfterReset: stream(
    'data_after_rst',
    'Data after a connection reset',
    'A connection carries data although it was reset. The reset was probably seen by the monitor only.',
    'medium',
  ),
  ttlDeviation: stream(
    'ttl_deviation',
    'Reset with an unusual hop count',
    "The hop count (TTL) of a reset differs from its sender's other packets: another machine may have sent it.",
    'medium',
  ),
  badChecksum: stream(
    'bad_checksum',
    'Packet with a wrong checksum',
    'Receivers drop packets with a wrong checksum; a monitor that reads them would be deceived, so the content was not used.',
    'low',
  ),
  checksumOffload: stream(
    'checksum_offload',
    'Checksums are filled in by the network card',
    'The capture was taken on one of the two machines, before its network card computes checksums; they are not checked for it.',
  ),
  dataOnSyn: stream(
    'data_on_syn',
    'Data in the opening packet of a connection',
    'The first packet of the connection already carries data. Hardly any industrial device supports that.',
    'low',
  ),
  oneWay: stream(
    'one_way_flow',
    'Only one direction of a connection is visible',
    'The sensor sees what one side sends but not the answers. Check that the mirror port copies both directions.',
  ),
  synDifferentIsn: stream(
    'syn_different_isn',
    'Connection opened twice with different numbers',
    'A second opening packet with another sequence number arrived on a connection that was already open.',
    'low',
  ),
  splitHandshake: stream(
    'split_handshake',
    'Unusual way of opening a connection',
    'Both sides opened the connection (split handshake). It is legal but unused, and known for confusing monitors about who is client and who is server.',
    'low',
  ),
  gap: stream(
    'gap',
    'Part of a connection was not seen',
    'Packets of this connection are missing in what the sensor received. Operations in the gap are unknown.',
  ),
  unreachedSegment: stream(
    'unreached_segment',
    'Data far ahead of its connection',
    'Data came that is far ahead of everything else its connection carried, nobody confirmed it, and the connection never came to that place: most of the packets were lost, or this one was forged. It was read by itself.',
  ),
  urgentData: stream(
    'urgent_data',
    'Urgent byte inside a message',
    'A packet marks a byte as urgent. Devices differ in whether that byte belongs to the message, so both readings were analysed.',
    'medium',
  ),
  oldTimestamp: stream(
    'old_timestamp',
    'Packet with an outdated timestamp',
    'The TCP timestamp is older than the connection, so the device drops the packet; its content was not used.',
    'medium',
  ),
  reassemblyLimit: stream(
    'reassembly_limit',
    'Too much data out of order',
    'A connection has more data waiting for a missing piece than the sensor keeps; analysis went on behind the gap.',
    'low',
  ),
  mirrorDuplicates: stream(
    'mirror_duplicates',
    'The mirror port delivers packets twice',
    'Many packets arrive more than once, usually because the mirror copies them both on entering and on leaving the switch. They are counted once.',
  ),
  flowTableFull: {
    code: 'flow.table_full',
    layer: 'stream',
    title: 'More connections than the sensor keeps',
    description: 'The table of connections is full; the ones idle longest, and never answered ones first, were let go.',
    severity: 'medium',
  },
} as const satisfies Record<string, AnomalyDef>;
