import type { AcceptanceScope } from '../../../sensor/model/baseline-document.ts';

export type { AcceptanceScope } from '../../../sensor/model/baseline-document.ts';

/** From narrow to wide. The page takes only types from the model. */
export const ACCEPTANCE_SCOPES: readonly AcceptanceScope[] = ['value', 'object', 'operation', 'pair', 'roles'];
