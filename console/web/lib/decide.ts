import type { AlertStatus } from '../../../sensor/model/records.ts';
import { post } from './api.ts';
import { encodeId } from './text.ts';

/** Says what a person decided about an alert. */
export async function decide(alertId: string, status: AlertStatus, note: string): Promise<void> {
  await post(`/alerts/${encodeId(alertId)}/status`, { status, note });
}
