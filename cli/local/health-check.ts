/** How often this machine's load balancer asks for health, and how many answers in a row count. */
export const healthCheck = { interval: 1, healthy: 2, unhealthy: 2 };
