/** What the commands say about themselves, below their options. */

export const programHelp = `
Examples:
  smacks serve --demo                      try it: two accounts, a demo, then a server
  smacks init --domain example.org         write smacks.toml, with all options
  smacks serve --config smacks.toml        run it
  smacks check-config smacks.toml          before that
  smacks user add romeo@localhost          asks for the password
  smacks session list                      who is connected, who waits to resume
  smacks record start romeo@localhost      record one account of the running server
  smacks replay recordings/*.ndjson        what happened, step by step

Exit codes: 0 done, 1 failed, 2 wrong usage, 78 wrong configuration.`

export const initHelp = `
An option may be deleted from the file: what is absent has its default. A file that is there
is never written over.

Examples:
  smacks init --domain example.org
  smacks init /etc/smacks/smacks.toml --domain example.org --domain example.net
  smacks init - | less`

export const serveHelp = `
Without --config: for the domain localhost, on 127.0.0.1:5222, with its data in ./data.
The log goes to standard error: lines on a terminal, JSON elsewhere.

Other servers are talked to only if the table [s2s] of the configuration listens for them.

--port takes the place of the port of the first address of clients for this start.

With --record, all accounts are recorded into files of DIR, for smacks replay. They hold all
that is sent and received, so only this user may read them; with --redact they hold x in
place of text. The table [record] of the configuration says more; smacks record switches
recording on and off while the server runs.

Signals:
  SIGTERM, SIGINT   stop cleanly, sessions stay resumable; a second one ends the process at once (143, 130)
  SIGHUP            read the configuration again: smacks_ options, offline_storage, log_level and the
                    sessions per user change at once, the log names what waits for a start, and
                    a file with a fault changes nothing; also read certificate and key again

Examples:
  smacks serve --config /etc/smacks/smacks.toml
  smacks serve --demo --no-demo            the demo's accounts without its show
  smacks serve --demo --record recordings  the demo, recorded`

export const userHelp = `
The accounts are those of the data folder that the configuration names: give the
server's --config here too. Passwords are kept as SCRAM keys and cannot be read back.

Examples:
  smacks user add romeo@localhost
  smacks user passwd romeo@localhost --password-stdin < secret.txt
  smacks user list localhost
  smacks user import accounts.txt`

export const importHelp = `
A line is a JID, blanks, and a password that may have blanks; empty lines and lines
that start with # are passed over. Lines that cannot be used are reported with their
number, and all others are imported; the exit code is 1 then. An account that exists
gets the new password. 10,000 accounts take about half a minute on two cores.

Example:
  printf 'romeo@localhost montague\\njuliet@localhost capulet\\n' | smacks user import`

export const sessionHelp = `
They talk to the server that runs on the data folder of the configuration: give the
server's --config here too. A session is named by its full JID, romeo@localhost/orchard; a
bare JID means all of the account. Links to other servers can be looked at by their names.

The client of a session that is ended sees the stream error policy-violation with the reason,
and may log in again, but not resume. What it had not acknowledged is stored or goes back to
its senders, as at any other end.

Examples:
  smacks session list
  smacks session list --json | jq 'select(.phase == "hibernating")'
  smacks session show romeo@localhost/orchard
  smacks session end romeo@localhost/orchard --reason 'Please use your new device.'
  smacks session end romeo@localhost             all of his`

export const doctorHelp = `
It changes nothing, and asks the DNS of this machine. Where a server runs on the data folder, its
ports should answer; where none does, they should be free. The exit code is 1 if anything fails.

Examples:
  smacks doctor --config /etc/smacks/smacks.toml
  smacks doctor --json | jq 'select(.grade != "ok")'`

export const recordHelp = `
They talk to the server that runs on the data folder of the configuration: give the
server's --config here too. Without a JID they mean all accounts. The files are put into
the folder that the table [record] of the configuration names, else into recordings of
the data folder; one appears with the first event. Links to other servers have names too.

Examples:
  smacks record start romeo@localhost      from now on, in the middle of whatever he does
  smacks record start --redact             all accounts, x in place of text
  smacks record status
  smacks record stop romeo@localhost
  smacks record start 'localhost>example.org'   what is sent to another server ('<': what comes)
  smacks record stop                       all`

export const replayHelp = `
Makes each recorded step again and compares what it comes to with what was recorded.
The last line says "verified", or where it diverged first; the exit code is 1 then. A file
that a killed server left without a whole line is no fault: nothing was recorded.
Files that follow each other are given in order; - is standard input.
Steps of instant messaging (im: presence, rosters, routing) stand beside those of sessions;
in a redacted recording they are told, and not made again.

A time is 2026-01-31T12:00:00Z, or +1m30s since the recording began, or the entry #42,
of several files that of the first.

Examples:
  smacks replay data/recordings/*.ndjson
  smacks replay FILE --account romeo@localhost --from +1m --until +2m
  smacks replay FILE --explain m1          the story of the stanza with the id m1
  smacks replay FILE --explain '#42'       the story of the stanza of entry 42
  smacks replay FILE --stanzas             every stanza and its fate
  smacks replay FILE --diagram             as a sequence diagram, as wide as the terminal
  smacks replay FILE --open                the same in the browser; --html OUT writes the page
  smacks replay FILE --json | jq .effects`

export const backupHelp = `
The copy has accounts, sessions and what waits in them, rosters, offline messages, the
self-signed certificate and the secret of dialback: a data folder that a server starts on, as
of some moment since the command began. All that was acked before that is in it. Recordings,
the configuration and other certificates are not. Whoever has it can read all of it, and can
be this server: keep it as you keep the data folder.

Run it as the server's user. While it is made it is called DIR.unfinished-PID; one that is
left under such a name is none.

Example:
  smacks backup /var/backups/smacks/monday --config /etc/smacks/smacks.toml`

export const reloadHelp = `
It is what SIGHUP does, with an answer: which options changed, and which wait for the next
start. Of a file with a fault nothing is taken, all that is wrong is told, and the exit code
is 78; so it is for a certificate, on whose faults the old one stays. The server reads the
file that it was started with: give the same --config here.

Example:
  smacks reload --config /etc/smacks/smacks.toml`

export const journalHelp = `
The journal is that of the data folder which the configuration names: give the server's
--config here too. An account of which something does not decode is set aside at the start
of the server; nobody can log in there until it is repaired. Look first, then stop the server:

Examples:
  smacks journal inspect
  smacks journal inspect romeo@localhost --json
  smacks journal export --account romeo@localhost > romeo.ndjson; smacks replay romeo.ndjson
  smacks journal repair romeo@localhost --keep-readable   up to the first fault
  smacks journal repair romeo@localhost --forget          its sessions are gone`
