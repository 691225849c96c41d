import { Type } from 'typebox';

/** Where keys and certificates come from: always files, so that none of them ever stands in the settings. */
export const TlsSettings = {
  ca_file: Type.String({
    default: '',
    maxLength: 4096,
    description: "Certificates (PEM) that may have signed the receiver's; empty: those that Node.js brings along.",
  }),
  server_name: Type.String({
    default: '',
    maxLength: 253,
    description: "Name that must stand in the receiver's certificate; empty: the host.",
  }),
  cert_file: Type.String({
    default: '',
    maxLength: 4096,
    description: 'Our own certificate (PEM), where the receiver asks for one.',
  }),
  key_file: Type.String({
    default: '',
    maxLength: 4096,
    description: 'Its private key (PEM), readable for its owner alone.',
  }),
  key_password_file: Type.String({
    default: '',
    maxLength: 4096,
    description: 'File with the password of that key, where it has one.',
  }),
};
