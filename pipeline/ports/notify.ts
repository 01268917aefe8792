/** The notify port: sends events to people and other systems. */
import type { HistoryEvent } from '../../core/release/history.ts';

/** Sends an event. It may get lost; nothing depends on it. */
export type Notify = (event: HistoryEvent & { service: string }) => Promise<void>;
