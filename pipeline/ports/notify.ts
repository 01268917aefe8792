/** Notices to people and other systems. */
import type { HistoryEvent } from '../../core/release/history.ts';

/** Tells people and other systems. May be lost; nothing depends on it. */
export type Notify = (event: HistoryEvent & { service: string }) => Promise<void>;
