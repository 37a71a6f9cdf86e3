package dev.kelvin.cli;

import java.util.List;

/** All that {@code kelvin} knows, also what the node's program does. */
public final class Commands {
  private static final Option PREFIX =
      Option.flag("--prefix", "All keys that begin with KEY; all there are for an empty one.");
  private static final Option FROM_KEY = Option.flag("--from-key", "All keys from KEY on.");
  private static final Option PREV_KV =
      Option.flag("--prev-kv", "Shows what there was before, too.");
  private static final Option PEER_URLS =
      Option.value("--peer-urls", "URL,...", "Where the other members reach it.");

  static final Command PUT =
      Command.of("put", "KEY [VALUE]", Keys::put, "Stores a value; without VALUE, standard input.")
          .with(
              Option.value("--lease", "ID", "Lease that the key goes with."),
              PREV_KV,
              Option.flag("--ignore-value", "Keeps the value; changes the lease."),
              Option.flag("--ignore-lease", "Keeps the lease; changes the value."));

  static final Command GET =
      Command.of(
              "get",
              "KEY [END]",
              Keys::get,
              "Shows a key, or the keys from KEY up to END.",
              "Exit code 3 if there is none.")
          .with(
              PREFIX,
              FROM_KEY,
              Option.value("--rev", "REVISION", "As of this revision. Default: now."),
              Option.value("--limit", "NUMBER", "At most so many keys."),
              Option.flag("--keys-only", "Shows no values."),
              Option.flag("--count-only", "Shows how many there are."),
              new Option(
                  List.of("--value-only", "--print-value-only"), "", List.of(), "Shows no keys."),
              Option.choice(
                  List.of("--order"), List.of("ascend", "descend"), "How they are sorted."),
              Option.choice(
                  List.of("--sort-by"),
                  List.of("key", "version", "create", "modify", "value"),
                  "What they are sorted by. Default: key."),
              Option.choice(
                  List.of("--consistency"),
                  List.of("l", "s"),
                  "l: what a quorum agrees on, the default; s: what one node has."));

  static final Command DEL =
      Command.of(
              "del",
              "KEY [END]",
              Keys::delete,
              "Deletes a key, or the keys from KEY up to END.",
              "Exit code 3 if there was none.")
          .with(PREFIX, FROM_KEY, PREV_KV);

  /** In the order in which they are listed. */
  public static final Command KELVIN =
      new Command(
          "kelvin",
          List.of(),
          List.of("A strongly consistent key-value store."),
          List.of(),
          List.of(
              PUT,
              GET,
              DEL,
              Command.of(
                      "watch",
                      "KEY [END]",
                      Watching::watch,
                      "Shows changes as they happen, until Ctrl-C.",
                      "Goes on elsewhere when a node is lost, without loss and without doubles.")
                  .with(
                      PREFIX,
                      FROM_KEY,
                      Option.value("--rev", "REVISION", "From this revision on. Default: now."),
                      PREV_KV),
              Command.of(
                  "txn",
                  "",
                  Transactions::run,
                  "Compares and changes at once, as standard input says in etcdctl's form.",
                  "Comparisons, an empty line, requests if they hold, an empty line, requests if"
                      + " not:",
                  "    value(\"greeting\") = \"hello\"",
                  "",
                  "    put greeting \"hello again\"",
                  "",
                  "    get greeting",
                  "",
                  "What can be compared: value, version, create, mod, lease, by =, !=, < and >.",
                  "Requests: put, get, del with their options. Exit code 4 if they did not hold."),
              Command.of(
                      "compact",
                      "REVISION",
                      Keys::compact,
                      "Forgets what keys were before a revision.")
                  .with(Option.flag("--physical", "Waits until the space has been given back.")),
              Command.group(
                  "lease",
                  "Makes and keeps leases.",
                  Command.of("grant", "TTL", Leases::grant, "Makes a lease of so many seconds.")
                      .with(Option.value("--id", "ID", "Its ID. Default: any.")),
                  Command.of("revoke", "ID", Leases::revoke, "Ends a lease; its keys go with it."),
                  Command.of("keep-alive", "ID", Leases::keepAlive, "Renews a lease until Ctrl-C.")
                      .with(Option.flag("--once", "Only once.")),
                  Command.of("timetolive", "ID", Leases::timeToLive, "Shows how long it lasts.")
                      .with(Option.flag("--keys", "With the keys that go with it.")),
                  Command.of("list", "", Leases::list, "Shows all leases.")),
              Command.group(
                  "member",
                  "Looks at members and changes them.",
                  Command.of("list", "", Members::list, "Shows all members."),
                  Command.of(
                          "add",
                          "NAME",
                          Members::add,
                          "Announces a member, which then joins with --join.")
                      .with(
                          PEER_URLS,
                          Option.flag("--learner", "It does not vote until it is promoted.")),
                  Command.of("update", "ID", Members::update, "Changes where a member is reached.")
                      .with(PEER_URLS),
                  Command.of("promote", "ID", Members::promote, "Makes a learner a voter."),
                  Command.of("remove", "ID", Members::remove, "Takes a member out, for good.")),
              Command.of("move-leader", "ID", Members::moveLeader, "Hands leadership to a voter."),
              Command.of(
                      "status",
                      "",
                      StatusCommand::run,
                      "Shows how nodes stand.",
                      "Exit code 1 if one did not answer, 5 if none did.")
                  .with(Option.flag("--cluster", "All members, not only the endpoints.")),
              Command.group(
                  "snapshot",
                  "Saves snapshots, and looks at them.",
                  Command.of("save", "FILE", Snapshots::save, "Writes all data to a file."),
                  Command.ofNode("status", "Says what is in a snapshot file, and verifies it.")),
              Command.ofNode("server", "Runs a node."),
              Command.ofNode("care", "Tells a node what to do with itself or its cluster."),
              Command.ofNode("inspect", "Shows what is in the data directory of a stopped node."),
              Command.ofNode(
                  "completion", "Prints a script that completes commands, for bash or zsh.")),
          null);

  /** Of every command that asks a cluster. */
  public static final List<Option> SHARED_OPTIONS = Session.OPTIONS;

  private Commands() {}
}
