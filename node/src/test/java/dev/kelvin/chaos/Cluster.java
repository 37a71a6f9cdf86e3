package dev.kelvin.chaos;

import dev.kelvin.checker.client.GrpcEndpoint;
import dev.kelvin.proto.care.State;
import dev.kelvin.proto.care.StatusResponse;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.MemberRemoveRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** The nodes of a run, and the care that brings all that are wanted back into the cluster. */
final class Cluster implements AutoCloseable {
  /** Places for nodes: that many members at most. */
  static final int PLACES = 5;

  static final int FEWEST = 3;
  private static final long CHANGE_MILLIS = 2000;
  private static final long REMOVE_NANOS = TimeUnit.SECONDS.toNanos(4);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  final Links links;
  private final List<Member> members = new ArrayList<>();

  private final Consumer<String> complain;

  /**
   * @param complain told of what must not happen
   */
  Cluster(Path directory, Links links, Consumer<String> complain) {
    this.links = links;
    this.complain = complain;
    for (int i = 0; i < PLACES; i++) {
      members.add(new Member(directory, i, links.place(i)));
    }
  }

  /** Three members. */
  void found() throws IOException {
    var first = members.getFirst();
    first.wanted = true;
    first.bootstrap();
    first.process.awaitReady();
    first.tookPart();
    for (var other : members.subList(1, FEWEST)) {
      other.wanted = true;
      other.start(List.of(first));
    }
    for (var other : members.subList(1, FEWEST)) {
      other.process.awaitReady();
      other.tookPart();
    }
  }

  List<Member> all() {
    return members;
  }

  List<Member> wanted() {
    return members.stream().filter(m -> m.wanted).toList();
  }

  List<Member> wantedOtherThan(Member member) {
    return members.stream().filter(m -> m.wanted && m != member).toList();
  }

  List<GrpcEndpoint> endpoints() {
    return wanted().stream().map(m -> m.endpoint).toList();
  }

  /** Who leads, in the highest term that anybody knows; null when nobody says so. */
  Member leader() {
    Member leader = null;
    long term = 0;
    for (var member : wanted()) {
      if (member.busy || !member.process.alive()) {
        continue;
      }
      var status = member.status();
      if (status != null
          && status.getLeader() != 0
          && status.getLeader() == status.getMemberId()
          && status.getTerm() > term) {
        leader = member;
        term = status.getTerm();
      }
    }
    return leader;
  }

  /**
   * Removes a member through any other; while there is no leader, or another change is under way,
   * tries again for a while.
   *
   * @return whether the answer was that it is gone
   */
  boolean remove(long id, Member except) {
    long deadline = System.nanoTime() + REMOVE_NANOS;
    do {
      for (var via : wantedOtherThan(except)) {
        if (!via.busy && via.process.alive() && removed(id, via)) {
          return true;
        }
      }
      LockSupport.parkNanos(POLL_NANOS);
    } while (System.nanoTime() < deadline);
    return false;
  }

  private static boolean removed(long id, Member via) {
    try {
      via.process
          .members()
          .withDeadlineAfter(CHANGE_MILLIS, TimeUnit.MILLISECONDS)
          .memberRemove(MemberRemoveRequest.newBuilder().setID(id).build());
      return true;
    } catch (StatusRuntimeException e) {
      return "etcdserver: member not found".equals(e.getStatus().getDescription());
    }
  }

  /**
   * Brings everything that is wanted back, whatever became of it, as an operator would: starts what
   * does not run, empties the disks of members that were removed, removes members that are no more.
   *
   * @return null when all are voters and ready; otherwise what is missing after the time
   */
  String settle(long limitNanos) throws IOException, InterruptedException {
    members.forEach(this::complainOfDeath);
    long deadline = System.nanoTime() + limitNanos;
    String missing;
    do {
      missing = settleOnce();
      if (missing == null) {
        return null;
      }
      LockSupport.parkNanos(POLL_NANOS);
    } while (System.nanoTime() < deadline);
    return missing;
  }

  private String settleOnce() throws IOException, InterruptedException {
    var statuses = new HashMap<Member, StatusResponse>();
    for (var member : members) {
      if (!member.wanted) {
        if (member.process.alive()) {
          member.kill();
        }
        member.wipe();
        continue;
      }
      if (!member.process.alive()) {
        complainOfDeath(member);
        member.start(wantedOtherThan(member));
      }
      var status = member.status();
      if (status == null) {
        return member + " does not answer";
      }
      if (status.getState() == State.REMOVED) {
        member.kill();
        member.wipe();
        member.start(wantedOtherThan(member));
        return member + " was removed and joins anew";
      }
      statuses.put(member, status);
    }
    for (var member : wanted()) {
      var foreign = foreign(member, statuses);
      if (foreign != 0) {
        remove(foreign, null);
        return "a member with the address of " + member + " is no more";
      }
    }
    for (var status : statuses.entrySet()) {
      if (status.getValue().getState() != State.VOTER) {
        return status.getKey() + " is " + status.getValue().getState();
      }
      status.getKey().tookPart();
      if (status.getKey().process.httpStatus("/readyz") != 200) {
        return status.getKey() + " is not ready";
      }
    }
    return sameMembersEverywhere();
  }

  /** A member at the place of this one that is not what runs there; 0 for none. */
  private static long foreign(Member place, Map<Member, StatusResponse> statuses) {
    var own = statuses.get(place);
    var url = "http://" + place.process.peerAddress();
    for (var status : statuses.values()) {
      if (status.getState() == State.VOTER) {
        for (var member : status.getMembersList()) {
          if (member.getPeerUrlsList().contains(url)
              && member.getIncarnation() != 0
              && member.getIncarnation() != own.getIncarnation()) {
            return member.getId();
          }
        }
      }
    }
    return 0;
  }

  private String sameMembersEverywhere() {
    for (var member : wanted()) {
      try {
        var listed =
            member
                .process
                .members()
                .withDeadlineAfter(CHANGE_MILLIS, TimeUnit.MILLISECONDS)
                .memberList(MemberListRequest.newBuilder().setLinearizable(true).build())
                .getMembersList();
        for (var one : listed) {
          if (wanted().stream()
              .noneMatch(
                  m -> one.getPeerURLsList().contains("http://" + m.process.peerAddress()))) {
            remove(one.getID(), null);
            return one.getPeerURLsList() + " is still a member";
          }
        }
        if (listed.size() != wanted().size()) {
          return member + " lists " + listed.size() + " members";
        }
      } catch (StatusRuntimeException e) {
        return member + " does not list members: " + e.getStatus();
      }
    }
    return null;
  }

  /** A node ends when it is told to, or killed, and never otherwise. */
  private void complainOfDeath(Member member) {
    if (member.diedByItself()) {
      var output = member.process.output();
      complain.accept(
          member
              + " ended by itself; its last words:\n"
              + output.substring(Math.max(0, output.length() - 2000)));
    }
  }

  @Override
  public void close() {
    members.forEach(Member::close);
    links.close();
  }
}
