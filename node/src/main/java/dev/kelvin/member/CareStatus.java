package dev.kelvin.member;

import dev.kelvin.proto.care.State;
import dev.kelvin.proto.care.StatusResponse;
import java.io.IOException;
import java.nio.file.Files;

/** What a node says of itself to whoever cares for the cluster. */
final class CareStatus {
  private final NodeRuntime node;
  private final DataDirectory directory;
  private final NodeConfig config;

  CareStatus(NodeRuntime node, DataDirectory directory, NodeConfig config) {
    this.node = node;
    this.config = config;
    this.directory = directory;
  }

  StatusResponse status() {
    var identity = node.identity();
    var said =
        StatusResponse.newBuilder()
            .setState(state())
            .setName(node.name())
            .setIncarnation(identity.incarnation())
            .setMemberId(identity.memberId())
            .setClusterId(identity.clusterId())
            .setLeaderSilenceMs(node.leaderSilenceMillis())
            .setVersion(config.version())
            .setJsonAddress(config.jsonAddress())
            .setFormat(SelfCare.FORMAT)
            .setJoinRefusal(node.joinRefusal())
            .setRestoreRefusal(identity.isMember() ? "" : node.restorer().refusal());
    disk(said);
    var group = node.group();
    if (group == null) {
      return said.build();
    }
    var raft = group.replica().status();
    var cluster = group.store().cluster();
    said.setTerm(raft.term())
        .setLeader(raft.leader())
        .setCommitIndex(raft.commit())
        .setAppliedIndex(raft.applied())
        .setShortOfSpace(group.replica().space().isShort())
        .setLag(raft.commit() - raft.applied())
        .setMembersSettled(raft.membersSettled())
        .setLastIndex(group.log().lastIndex())
        .setLastTerm(group.log().lastTerm())
        .setRevision(group.store().revision())
        .setLogSize(group.log().sizeOnDisk())
        .setStoreSize(group.store().sizeOnDisk())
        .addAllAncestors(cluster.ancestors());
    cluster.members().forEach(m -> said.addMembers(CareMessages.member(m, raft)));
    group
        .store()
        .alarms()
        .forEach(a -> said.addAlarmsBuilder().setMemberId(a.member()).setType(a.name()));
    return said.build();
  }

  private State state() {
    return switch (node.state()) {
      case WAITING ->
          node.restorer().running()
              ? State.RESTORING
              : node.joining() ? State.JOINING : State.WAITING;
      case STARTING -> State.STARTING;
      case LEARNER -> State.LEARNER;
      case VOTER -> State.VOTER;
      case REMOVED -> State.REMOVED;
      case STOPPING -> State.STOPPING;
    };
  }

  private void disk(StatusResponse.Builder said) {
    try {
      var disk = Files.getFileStore(directory.path());
      said.setDiskSize(disk.getTotalSpace()).setDiskFree(disk.getUsableSpace());
    } catch (IOException e) {
      // Left at 0: no more is known, and the rest is worth saying.
      said.clearDiskSize().clearDiskFree();
    }
  }
}
