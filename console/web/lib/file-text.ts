/** A text file as a person has it: UTF-8, or Windows-1252, in which spreadsheets save CSV on German and English Windows. */
export function textOfBytes(bytes: ArrayBuffer | Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
