/** What runs behind a simulated EC2 instance: a child process in real time, a description in virtual time. */

export interface Machines {
  /**
   * Starts the instance's program. `exited` is called if it ends by itself, with words for people; `answers` by machines that know
   * their own health, where no load balancer asks over HTTP.
   */
  start(
    instance: { id: string; image: string; tags: Record<string, string> },
    on: { running(): void; exited(reason: string): void; answers?(ok: boolean, reason?: string): void },
  ): void;
  /** Ends it; resolves when it is gone. */
  stop(id: string): Promise<void>;
  /** The tail of what it printed. */
  output(id: string): string;
  /** Where its program listens, once known. */
  address(id: string): { host: string; port: number } | undefined;
}
