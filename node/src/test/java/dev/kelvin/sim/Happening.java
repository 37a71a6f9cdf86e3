package dev.kelvin.sim;

/**
 * What a campaign counts. A kind that never happened fails it: its code was never put to the test.
 */
enum Happening {
  OPERATIONS("client operations"),
  UNKNOWN("operations of unknown outcome"),
  NOT_DONE("operations turned away"),
  LINEARIZABLE_READS("linearizable reads answered"),
  SERIALIZABLE_READS("serializable reads answered"),
  TRANSACTIONS("transactions answered"),
  COMPACTIONS("compactions"),
  REFUSED("refusals for a compacted or future revision"),
  DROPPED("messages dropped"),
  DELAYED("messages delayed"),
  REORDERED("messages reordered"),
  DUPLICATED("messages duplicated"),
  PARTITIONS("full partitions"),
  ONE_WAY_PARTITIONS("one-way partitions"),
  LEADERS_TOPPLED("leaders cut off right after their election"),
  PAUSES("pauses of a node"),
  SLOW_DISKS("slow disks"),
  CLOCK_JUMPS("clock jumps"),
  CLOCK_RATES("clocks running fast or slow"),
  KILLS("processes killed"),
  KILLS_AFTER_VOTE("processes killed right after they voted"),
  CRASHES_IN_SYNC("power losses in the midst of a log write"),
  UNSYNCED_LOST("power losses that lost unsynced writes"),
  UNSYNCED_TORN("power losses that tore unsynced writes"),
  POWER_LOSSES("power losses of all nodes"),
  RESTARTS("restarts"),
  VOLUMES_LOST("volumes lost"),
  MEMBERS_ADDED("members added as learners"),
  MEMBERS_PROMOTED("learners promoted"),
  MEMBERS_REMOVED("members removed"),
  REJOINED("lost members joined again as new ones"),
  CONCURRENT_CHANGES("membership changes asked for side by side"),
  TRANSFERS("leader transfers"),
  ELECTIONS("elections won"),
  STORE_FLUSHES("flushes of a store"),
  LOG_CUTS("log truncations"),
  SNAPSHOTS_SENT("snapshots sent"),
  SNAPSHOTS_LOST("snapshots lost on the way"),
  SNAPSHOTS_INSTALLED("snapshots installed");

  private final String text;

  Happening(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }
}
