// Sends a mail by Nodemailer for each run that stands on standard input, as its text makes the transport.
//
// In: one JSON line per run, {"run", "text", "port"}. Out: {"version"}, then {"run", "error"} as each ends; null: it
// was sent. Nodemailer looks at the number of the port, so the text has the true one, and what is redirected is the
// connection, to "port". The runs go on at the same time; argv names the package, "nodemailer-7" or the like.

const { AsyncLocalStorage } = require('node:async_hooks');
const { readFileSync } = require('node:fs');
const net = require('node:net');

const name = process.argv[2];
const nodemailer = require(name);
const port = new AsyncLocalStorage();

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];  // net.connect passes an array, tls.connect does not
  options.port = port.getStore();
  return connect.apply(this, args);
};

async function sent(text) {
  const transport = eval(text);
  try {
    await transport.sendMail({ from: 'a@example.com', to: 'b@example.com', subject: 'x', text: 'x' });
    return null;
  } catch (error) {
    return `${error} (code ${error.code})`;
  } finally {
    transport.close();
  }
}

const say = (line) => console.log(JSON.stringify(line));

const packageFile = require.resolve(name).replace(/(.*node_modules[\\/][^\\/]+).*/, '$1/package.json');
say({ version: JSON.parse(readFileSync(packageFile)).version });
for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const run = JSON.parse(line);
  port.run(run.port, () => sent(run.text)).then((error) => say({ run: run.run, error }));
}
