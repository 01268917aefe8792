/** Removes the caller's shell variables before each test file, so that no test depends on them. */
const ofTheCaller =
  /^(AWS_.*|TERM|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|CLICOLOR.*|DEBUG|CI|LANG|LANGUAGE|LC_.*|EDITOR|PAGER|npm_lifecycle_event|INIT_CWD|CUTOVER_DEBUG)$/;

for (const name of Object.keys(process.env)) if (ofTheCaller.test(name)) delete process.env[name];

// Without these the SDK would look into the caller's home, and ask the network for credentials.
process.env.AWS_CONFIG_FILE = '/nowhere/config';
process.env.AWS_SHARED_CREDENTIALS_FILE = '/nowhere/credentials';
process.env.AWS_EC2_METADATA_DISABLED = 'true';
