/** Made by scripts/anomaly-texts.mjs from the sensor's definitions; do not edit. */
export const anomalyTexts: Record<string, { title: string; text: string }> = {
  "applayer.dissector_error": {
    "title": "The sensor failed to read a connection",
    "text": "A fault in Fieldwatch stopped the analysis of one connection; all others go on. Please report it with the packets of this alert."
  },
  "applayer.response_mismatch": {
    "title": "The answer does not fit the request",
    "text": "The device answered another operation than the one the sensor saw being asked. The answer shows what the device executed: the request that the sensor saw may have been a decoy."
  },
  "applayer.unusual_port": {
    "title": "Industrial protocol on an unusual port",
    "text": "An industrial protocol runs on a port that is not its own. It may be configured that way, or somebody hides traffic from monitoring that looks at ports only."
  },
  "capture.time_backwards": {
    "title": "Capture time runs backwards",
    "text": "A packet is older than the one before it. Analysis follows the latest time seen."
  },
  "capture.time_jump": {
    "title": "Capture time jumps by more than a day",
    "text": "Between two packets the capture time jumps by more than a day; time-based checks start anew."
  },
  "cotp.bad_header": {
    "title": "ISO transport header that class 0 does not have",
    "text": "The header of a transport message is longer than its message, is numbered, or is of a kind that does not exist on this transport. Devices differ in how they read it, so a monitor may see something else than the device does. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "cotp.bad_length": {
    "title": "ISO transport message with an impossible length",
    "text": "The length in the TPKT header is shorter than any message. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "cotp.bad_parameter": {
    "title": "Damaged connection request of the ISO transport",
    "text": "A parameter of a connection request or confirmation is longer than the message. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "cotp.garbage": {
    "title": "Bytes on an ISO transport connection that are no message",
    "text": "A connection of the ISO transport (S7 and others) carries something else. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "cotp.reassembly_limit": {
    "title": "ISO transport message that does not end",
    "text": "A message came in more pieces, or became longer, than any real one; the pieces were let go. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "cotp.truncated": {
    "title": "ISO transport message known only in part",
    "text": "Part of the message is missing in the capture; only its beginning was read."
  },
  "cotp.unfinished": {
    "title": "ISO transport message that was never finished",
    "text": "The connection ended, or a new one was requested on it, although the rest of a message was still to come. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "decode.bad_ipv4_header": {
    "title": "Damaged IPv4 header",
    "text": "The lengths in the IPv4 header contradict each other or the packet, so receivers drop it."
  },
  "decode.bad_ipv4_option": {
    "title": "Invalid IPv4 option",
    "text": "The IPv4 options are malformed. Receivers drop such a packet; a monitor that reads it would be deceived, so its content was not used."
  },
  "decode.bad_ipv6_header": {
    "title": "Damaged IPv6 header",
    "text": "The lengths in the IPv6 header or an extension header contradict each other or the packet."
  },
  "decode.bad_tcp_header": {
    "title": "Damaged TCP header",
    "text": "The TCP header contradicts the length of its packet."
  },
  "decode.bad_udp_length": {
    "title": "Damaged UDP header",
    "text": "The UDP length contradicts the length of its packet."
  },
  "decode.frag_overlap": {
    "title": "Overlapping IP fragments with different content",
    "text": "Two fragments of one packet claim the same place with different bytes. Normal senders never do this; it is a known way to show a monitor other content than the device. Both readings were analysed."
  },
  "decode.frag_table_full": {
    "title": "Too many incomplete IP fragments",
    "text": "More packets are being fragmented at the same time than the sensor keeps; the oldest were let go."
  },
  "decode.frag_timeout": {
    "title": "IP fragments that were never completed",
    "text": "Fragments of a packet arrived, but never all of them, so the packet could not be read."
  },
  "decode.frag_too_large": {
    "title": "IP fragments larger than any packet",
    "text": "Fragments add up to more than the 65,535 bytes that an IP packet may have (\"ping of death\")."
  },
  "decode.frag_zero_length": {
    "title": "Empty IP fragment",
    "text": "A fragment without content serves no purpose in normal traffic."
  },
  "decode.offload_packet": {
    "title": "Packet larger than the network can carry",
    "text": "The capturing network card merges packets before the sensor sees them (GRO/LRO/TSO). Analysis goes on; switch the offload off for exact packet evidence."
  },
  "decode.too_many_layers": {
    "title": "Packet with too many nested headers",
    "text": "The packet nests more tunnels or VLAN tags than any plant network needs; what is inside was not read. This can be an attempt to hide traffic from monitoring."
  },
  "decode.truncated_packet": {
    "title": "Packet cut short by the capture",
    "text": "The capture kept only the beginning of this packet (snap length), so its content is known only in part. Raise the snap length of the capture."
  },
  "flow.table_full": {
    "title": "More connections than the sensor keeps",
    "text": "The table of connections is full; the ones idle longest, and never answered ones first, were let go."
  },
  "mms.malformed": {
    "title": "Damaged MMS message",
    "text": "The parts of an IEC 61850 or ICCP message contradict its length. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "modbus.address_out_of_range": {
    "title": "Modbus request beyond the last address",
    "text": "Address and quantity reach beyond 65,535. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "modbus.bad_coil_value": {
    "title": "Modbus coil written with an undefined value",
    "text": "A coil can only be written with FF00 (on) or 0000 (off). Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "modbus.bad_crc": {
    "title": "Modbus RTU message with a wrong checksum",
    "text": "The checksum of a serial-style Modbus message is wrong; devices drop it."
  },
  "modbus.bad_function": {
    "title": "Impossible Modbus function code",
    "text": "Function code 0, and codes from 128 in a request, do not exist. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "modbus.bad_length": {
    "title": "Modbus message with an impossible length",
    "text": "The header states a length that no Modbus message can have. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "modbus.bad_protocol_id": {
    "title": "Modbus message with a wrong protocol number",
    "text": "The protocol identifier in the header is not 0. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "modbus.bad_record": {
    "title": "Damaged Modbus file record or object list",
    "text": "The parts of the message contradict its length. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "modbus.byte_count_mismatch": {
    "title": "Modbus message with a wrong byte count",
    "text": "The byte count contradicts the quantity or the message's length. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "modbus.garbage": {
    "title": "Bytes on a Modbus connection that are not Modbus",
    "text": "A Modbus connection carries something else. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "modbus.length_mismatch": {
    "title": "Modbus message whose length is wrong",
    "text": "The length in the header differs from what the function needs. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "modbus.length_smuggling": {
    "title": "Modbus message hidden inside another one",
    "text": "Behind a harmless message, but inside its stated length, stands a second complete message. Some devices execute it, while most monitors show only the first one."
  },
  "modbus.quantity_out_of_range": {
    "title": "Modbus request for more than the protocol allows",
    "text": "The request names zero or more items than one message may carry. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "modbus.request_flood": {
    "title": "Many Modbus requests without an answer",
    "text": "A client sends requests faster than the device answers, which can overload it."
  },
  "modbus.truncated": {
    "title": "Modbus message known only in part",
    "text": "Part of the message is missing in the capture; only its beginning was read."
  },
  "modbus.unsolicited_response": {
    "title": "Modbus answer that nobody asked for",
    "text": "A server answered without a request. Packets may be missing in the mirror, or someone forges answers to show the operator false values."
  },
  "opcua.bad_chunk_type": {
    "title": "OPC UA message with an undefined chunk type",
    "text": "Chunks are final, intermediate or aborting; this one is none of these. Well-made software does not produce this: look for a faulty program, a scanner, or an attempt to crash or deceive the server."
  },
  "opcua.bad_size": {
    "title": "OPC UA message with an impossible size",
    "text": "The header states a size that no message can have, or more than both ends agreed on. Well-made software does not produce this: look for a faulty program, a scanner, or an attempt to crash or deceive the server."
  },
  "opcua.channel_mismatch": {
    "title": "OPC UA message of another channel",
    "text": "The message names a secure channel or token that this connection does not have. Servers refuse it; it may be an attempt to take over a connection."
  },
  "opcua.garbage": {
    "title": "Bytes on an OPC UA connection that are not OPC UA",
    "text": "An OPC UA connection carries something else. Well-made software does not produce this: look for a faulty program, a scanner, or an attempt to crash or deceive the server."
  },
  "opcua.length_mismatch": {
    "title": "OPC UA message with bytes behind its end",
    "text": "The message goes on where its service has ended. Well-made software does not produce this: look for a faulty program, a scanner, or an attempt to crash or deceive the server."
  },
  "opcua.malformed_body": {
    "title": "Damaged OPC UA message",
    "text": "The parts of the message contradict its length. Well-made software does not produce this: look for a faulty program, a scanner, or an attempt to crash or deceive the server."
  },
  "opcua.message_too_large": {
    "title": "OPC UA message of extreme size",
    "text": "A message in many parts became larger than any that a plant needs; its beginning was read. It may be meant to exhaust the memory of the receiver."
  },
  "opcua.not_kept": {
    "title": "OPC UA state that found no room",
    "text": "A connection names more nodes, or begins more messages, than the sensor keeps. Some values will appear without the names of their nodes."
  },
  "opcua.password_in_clear": {
    "title": "Password readable on the network",
    "text": "A user logged in with a password that was sent without encryption: whoever can read this network knows it now. Change the password, and let the server offer only encrypted user tokens."
  },
  "opcua.request_flood": {
    "title": "Many OPC UA requests without an answer",
    "text": "A client sends requests faster than the server answers, which can overload it."
  },
  "opcua.sequence_gap": {
    "title": "OPC UA messages out of sequence",
    "text": "The sequence numbers of a channel do not follow one another. Messages were inserted, repeated or removed, or the mirror lost some."
  },
  "opcua.too_deep": {
    "title": "OPC UA message nested without end",
    "text": "Values lie in values more than a hundred times. Such messages are made to exhaust the memory of servers."
  },
  "opcua.truncated": {
    "title": "OPC UA message known only in part",
    "text": "Part of the message is missing in the capture; only its beginning was read."
  },
  "opcua.unknown_service": {
    "title": "Unknown OPC UA service",
    "text": "The message names a service that the standard does not have. Well-made software does not produce this: look for a faulty program, a scanner, or an attempt to crash or deceive the server."
  },
  "opcua.unsolicited_response": {
    "title": "OPC UA answer that nobody asked for",
    "text": "A server answered without a request. Packets may be missing in the mirror, or someone forges answers to show the operator false values."
  },
  "s7comm.bad_data": {
    "title": "S7 message with damaged data",
    "text": "The values in the message contradict its length or the number of its items. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm.bad_header": {
    "title": "S7 message with a damaged header",
    "text": "The header is too short, or names a message type that does not exist. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm.bad_item": {
    "title": "S7 message with a damaged address list",
    "text": "The list of addresses to read or write contradicts the message's length or the number of its items. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm.bad_parameter": {
    "title": "S7 message with damaged parameters",
    "text": "The parameters of the message contradict its length. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm.cleartext_password": {
    "title": "Controller password sent in a readable form",
    "text": "The password of the controller crossed the network in a form that anybody who records the traffic can turn back into the password. Change it, and restrict who can reach the controller."
  },
  "s7comm.length_mismatch": {
    "title": "S7 message whose length is wrong",
    "text": "The lengths in the header differ from the message's own. Devices differ in how they read it, so a monitor may see something else than the device does. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm.pdu_size_exceeded": {
    "title": "S7 message longer than was agreed",
    "text": "The message is longer than the size that both sides agreed on when they connected. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm.request_flood": {
    "title": "Many S7 requests without an answer",
    "text": "A client sends requests faster than the controller answers, which can overload it."
  },
  "s7comm.truncated": {
    "title": "S7 message known only in part",
    "text": "Part of the message is missing in the capture; only its beginning was read."
  },
  "s7comm.unsolicited_response": {
    "title": "S7 answer that nobody asked for",
    "text": "A controller answered without a request. Packets may be missing in the mirror, or someone forges answers to show the operator false values."
  },
  "s7comm_plus.bad_digest": {
    "title": "S7comm-plus message without its digest",
    "text": "Messages of version 3 begin with a digest of 32 bytes; this one does not. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm_plus.bad_opcode": {
    "title": "S7comm-plus message of unknown kind",
    "text": "The message is neither a request, nor an answer, nor a notification. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm_plus.bad_trailer": {
    "title": "S7comm-plus message with a wrong end",
    "text": "The last four bytes do not repeat the header as they must. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm_plus.bad_version": {
    "title": "Unknown version of S7comm-plus",
    "text": "The header names a version of the protocol that is not known. A newer controller may speak it, or somebody tries what the device does with it."
  },
  "s7comm_plus.garbage": {
    "title": "Bytes on an S7comm-plus connection that are not S7comm-plus",
    "text": "An S7comm-plus connection carries something else. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm_plus.length_mismatch": {
    "title": "S7comm-plus message whose length is wrong",
    "text": "The length in the header does not fit what was sent. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm_plus.malformed": {
    "title": "Damaged S7comm-plus message",
    "text": "The parts of the message contradict its length, or are nested deeper than any controller does. Well-made software does not produce this: look for a faulty device, a scanner, or an attempt to crash or deceive the device."
  },
  "s7comm_plus.surplus_data": {
    "title": "Bytes behind the end of an S7comm-plus message",
    "text": "Behind all that belongs to the message stand further bytes. They may belong to a newer version of the protocol, or hide something."
  },
  "s7comm_plus.too_long": {
    "title": "S7comm-plus message too long to be put together",
    "text": "A message came in more or larger parts than any known controller or tool sends; its parts are reported one by one."
  },
  "s7comm_plus.truncated": {
    "title": "S7comm-plus message known only in part",
    "text": "Part of the message is missing in the capture; only what is there was read."
  },
  "s7comm_plus.undecoded": {
    "title": "S7comm-plus message read in part",
    "text": "The message holds a kind of data that Fieldwatch does not know; what stands before it was read."
  },
  "s7comm_plus.unsolicited_response": {
    "title": "S7comm-plus answer that nobody asked for",
    "text": "A controller answered without a request. Packets may be missing in the mirror, or someone forges answers to show the operator false values."
  },
  "stream.bad_checksum": {
    "title": "Packet with a wrong checksum",
    "text": "Receivers drop packets with a wrong checksum; a monitor that reads them would be deceived, so the content was not used."
  },
  "stream.checksum_offload": {
    "title": "Checksums are filled in by the network card",
    "text": "The capture was taken on one of the two machines, before its network card computes checksums; they are not checked for it."
  },
  "stream.data_after_rst": {
    "title": "Data after a connection reset",
    "text": "A connection carries data although it was reset. The reset was probably seen by the monitor only."
  },
  "stream.data_on_syn": {
    "title": "Data in the opening packet of a connection",
    "text": "The first packet of the connection already carries data. Hardly any industrial device supports that."
  },
  "stream.fin_out_of_window": {
    "title": "Forged end of connection",
    "text": "A packet that ends the connection does not fit it, so the device ignores it. It may have been sent to make a monitor stop watching."
  },
  "stream.gap": {
    "title": "Part of a connection was not seen",
    "text": "Packets of this connection are missing in what the sensor received. Operations in the gap are unknown."
  },
  "stream.mirror_duplicates": {
    "title": "The mirror port delivers packets twice",
    "text": "Many packets arrive more than once, usually because the mirror copies them both on entering and on leaving the switch. They are counted once."
  },
  "stream.old_timestamp": {
    "title": "Packet with an outdated timestamp",
    "text": "The TCP timestamp is older than the connection, so the device drops the packet; its content was not used."
  },
  "stream.one_way_flow": {
    "title": "Only one direction of a connection is visible",
    "text": "The sensor sees what one side sends but not the answers. Check that the mirror port copies both directions."
  },
  "stream.overlap_different_data": {
    "title": "Two contradicting versions of the same data",
    "text": "Two packets claim the same place in a connection with different content. One of them was meant to deceive either the device or the monitor; both readings were analysed."
  },
  "stream.reassembly_limit": {
    "title": "Too much data out of order",
    "text": "A connection has more data waiting for a missing piece than the sensor keeps; analysis went on behind the gap."
  },
  "stream.retransmission_different_data": {
    "title": "Repeated data differs from the first time",
    "text": "Data that had already been acknowledged was sent again with other content. The device has most likely used the first version; both readings were analysed."
  },
  "stream.rst_out_of_window": {
    "title": "Forged connection reset",
    "text": "A reset packet does not fit its connection, so the device ignores it. It may have been sent to make a monitor stop watching."
  },
  "stream.split_handshake": {
    "title": "Unusual way of opening a connection",
    "text": "Both sides opened the connection (split handshake). It is legal but unused, and known for confusing monitors about who is client and who is server."
  },
  "stream.syn_different_isn": {
    "title": "Connection opened twice with different numbers",
    "text": "A second opening packet with another sequence number arrived on a connection that was already open."
  },
  "stream.tiny_segments": {
    "title": "Data sent in one- or two-byte pieces",
    "text": "A connection carries its data in tiny pieces. Devices do not do this; it is a way to slip past monitoring that looks at single packets."
  },
  "stream.ttl_deviation": {
    "title": "Reset with an unusual hop count",
    "text": "The hop count (TTL) of a reset differs from its sender's other packets: another machine may have sent it."
  },
  "stream.unreached_segment": {
    "title": "Data far ahead of its connection",
    "text": "Data came that is far ahead of everything else its connection carried, nobody confirmed it, and the connection never came to that place: most of the packets were lost, or this one was forged. It was read by itself."
  },
  "stream.urgent_data": {
    "title": "Urgent byte inside a message",
    "text": "A packet marks a byte as urgent. Devices differ in whether that byte belongs to the message, so both readings were analysed."
  }
};
