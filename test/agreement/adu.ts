/**
 * One Modbus ADU in the words of the dissection records, as either side of the comparison reports it. A field is
 * absent where that side does not show it; only fields that tshark shows are compared.
 */
export interface Adu {
  pdu?: 'request' | 'response';
  transaction_id?: number;
  protocol_id?: number;
  length?: number;
  unit_id?: number;
  function_code?: number;
  exception_code?: number;
  address?: number;
  quantity?: number;
  byte_count?: number;
  values?: readonly number[];
  subfunction?: number;
  data?: string;
  and_mask?: number;
  or_mask?: number;
  read_address?: number;
  read_quantity?: number;
  write_address?: number;
  write_quantity?: number;
  fifo_count?: number;
  records?: readonly FileRecord[];
  mei_type?: number;
  read_device_id?: number;
  conformity_level?: number;
  more_follows?: number;
  next_object_id?: number;
  objects?: readonly { id: number; value: string }[];
  event_status?: number;
  event_count?: number;
  message_count?: number;
  events?: readonly number[];
  request_pcap_cnt?: number;
  /** The side could not read the ADU to its end. */
  malformed?: boolean;
}

export interface FileRecord {
  reference_type?: number;
  file_number?: number;
  record_number?: number;
  record_length?: number;
  data?: string;
}

/** ADUs by frame number, in the order in which they stand in the frame. */
export type AdusByFrame = Map<number, Adu[]>;
