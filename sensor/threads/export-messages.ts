import type { ExportServiceOptions } from '../export/service.js';

export type ExportThreadData = Omit<ExportServiceOptions, 'tell' | 'now'>;

/** Main thread to export thread. */
export type ToExportThread = { type: 'stop' };

/** Export thread to main thread. */
export type FromExportThread = { type: 'tell'; sentence: string } | { type: 'stopped' };
