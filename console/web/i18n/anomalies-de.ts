/** German words for what is odd in the traffic, by anomaly code; codes without an entry keep the sensor's English. */
export const anomalyTextsDe: Record<string, { title: string; text: string }> = {};
