package dev.kelvin.operator.observe;

import dev.kelvin.operator.children.Names;
import dev.kelvin.operator.facts.Answer;
import dev.kelvin.operator.facts.Member;
import dev.kelvin.operator.facts.NodeStatus;
import dev.kelvin.proto.care.State;
import dev.kelvin.proto.care.StatusResponse;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Nodes' answers as facts. */
public final class Nodes {
  private Nodes() {}

  /**
   * @param names of the cluster's objects
   * @param pod that was asked: an address may belong to another one by now
   * @param since when tries began to fail, should this be a failure
   */
  public static Answer answer(Names names, String pod, StatusResponse status, Instant since) {
    var state = state(status.getState());
    if (!status.getName().equals(pod) || state.isEmpty()) {
      return new Answer.Unreachable(since);
    }
    return new NodeStatus(
        state.get(),
        status.getIncarnation(),
        status.getMemberId(),
        status.getClusterId(),
        status.getAncestorsList(),
        status.getTerm(),
        status.getLeader(),
        status.getMembersSettled(),
        status.getCommitIndex(),
        status.getLag(),
        status.getLastTerm(),
        status.getLastIndex(),
        status.getJoinRefusal().isEmpty() ? status.getRestoreRefusal() : status.getJoinRefusal(),
        status.getShortOfSpace(),
        status.getAlarmsList().stream()
            .map(a -> new NodeStatus.Alarm(a.getMemberId(), a.getType()))
            .toList(),
        status.getLeaderSilenceMs() < 0
            ? Optional.empty()
            : Optional.of(Duration.ofMillis(status.getLeaderSilenceMs())),
        status.getVersion(),
        status.getMembersList().stream().map(m -> member(names, m)).toList());
  }

  private static Optional<NodeStatus.State> state(State state) {
    return Optional.ofNullable(
        switch (state) {
          case WAITING -> NodeStatus.State.WAITING;
          case RESTORING -> NodeStatus.State.RESTORING;
          case JOINING -> NodeStatus.State.JOINING;
          case STARTING -> NodeStatus.State.STARTING;
          case LEARNER -> NodeStatus.State.LEARNER;
          case VOTER -> NodeStatus.State.VOTER;
          case REMOVED -> NodeStatus.State.REMOVED;
          case STOPPING -> NodeStatus.State.STOPPING;
          case STATE_UNSPECIFIED, UNRECOGNIZED -> null;
        });
  }

  private static Member member(Names names, dev.kelvin.proto.care.Member m) {
    var peer = m.getPeerUrlsCount() == 0 ? "" : hostAndPort(m.getPeerUrls(0));
    var pod = peer.split("[.:]", 2)[0];
    boolean ours = peer.equals(names.host(pod) + ":" + Names.PEER_PORT);
    return new Member(
        m.getId(),
        ours ? Ordinals.of(names.cluster(), pod).orElse(-1) : -1,
        peer,
        m.getLearner(),
        m.getIncarnation(),
        m.getMatchIndex(),
        m.getActive());
  }

  private static String hostAndPort(String url) {
    var authority = URI.create(url).getRawAuthority();
    return authority == null ? "" : authority;
  }
}
