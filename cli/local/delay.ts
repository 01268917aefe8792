/** How long a deregistered instance may finish its answers unless its target group says otherwise, in seconds: AWS's own default. */
export const usualDelay = 300;
