package dev.kelvin.member;

import dev.kelvin.log.DurableLog;
import dev.kelvin.raft.Entry;
import dev.kelvin.raft.EntryKind;
import dev.kelvin.raft.HardState;
import dev.kelvin.store.CommandCodec;
import dev.kelvin.store.CommandKind;
import dev.kelvin.store.FileStoreDirectory;
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.MemberChangeCodec;
import dev.kelvin.store.StateMachine;
import dev.kelvin.store.Store;
import java.util.List;

/**
 * Makes the survivor of a lost quorum the only voter of a cluster with a new ID, on a log and store
 * that nobody uses. What its log holds counts as committed: of all that may have been acknowledged
 * and was on the lost disks too, this is what there is. Each step may be repeated after a crash.
 */
final class ClusterRecovery {
  private static final long BATCH_BYTES = 4 << 20;

  private ClusterRecovery() {}

  /**
   * @param identity with {@link Identity#recovering} set, durably
   */
  static void complete(DataDirectory directory, NodeConfig config, Identity identity) {
    try (var store = Group.openStore(FileStoreDirectory.open(directory.store()), config);
        var log = Group.openLog(directory, config)) {
      if (store.cluster().id() == identity.recovering()) {
        return;
      }
      append(log, identity);
      apply(log, store);
      store.flush();
      if (store.cluster().id() != identity.recovering()) {
        throw new IllegalStateException(
            "member %016x is not in its own log: nothing to recover from"
                .formatted(identity.memberId()));
      }
    }
  }

  private static void append(DurableLog log, Identity identity) {
    var recover = new MemberChange.Recover(identity.recovering(), identity.memberId());
    var last = log.lastIndex();
    long term = Math.max(log.hardState().term(), log.term(last));
    boolean done =
        last >= log.firstIndex()
            && log.entries(last, last + 1, Long.MAX_VALUE).getFirst() instanceof Entry entry
            && entry.kind() == EntryKind.MEMBERSHIP
            && MemberChangeCodec.decode(
                    CommandCodec.standard().decode(entry.data()).payload().toByteArray())
                .equals(recover);
    if (done) {
      log.append(new HardState(term, identity.memberId(), last), List.of());
    } else {
      var command =
          CommandCodec.standard()
              .encode(
                  1,
                  CommandKind.MEMBER,
                  identity.memberId(),
                  0,
                  0,
                  MemberChangeCodec.encode(recover));
      var entry = new Entry(last + 1, term + 1, EntryKind.MEMBERSHIP, command);
      log.append(new HardState(term + 1, identity.memberId(), last + 1), List.of(entry));
    }
    log.sync();
  }

  private static void apply(DurableLog log, Store store) {
    while (store.applied().index() < log.lastIndex()) {
      store.apply(
          log.entries(store.applied().index() + 1, log.lastIndex() + 1, BATCH_BYTES),
          StateMachine.Listener.NOBODY);
    }
  }
}
