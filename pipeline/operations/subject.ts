/** The rollout that an operation acted on, as every operation returns it. */
export interface Subject {
  service: string;
  release: string;
  attempt: number;
  /** The image's name for people. */
  label: string;
}
