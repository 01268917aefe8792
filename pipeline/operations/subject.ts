/** What an operation was done to, as every operation answers it. */
export interface Subject {
  service: string;
  release: string;
  attempt: number;
  /** What people call the image. */
  label: string;
}
