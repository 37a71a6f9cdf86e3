package dev.kelvin.member;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.raft.Membership;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.raft.RaftStatus.Peer;
import dev.kelvin.raft.RaftStatus.Role;
import dev.kelvin.raft.RaftStatus.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SpaceCareTest {
  private static final long SELF = 1;

  private final Map<Long, Consumer<Optional<Boolean>>> asked = new HashMap<>();
  private final List<Long> transfers = new ArrayList<>();
  private Consumer<Refusal> transferred;
  private boolean shortHere = true;
  private Role role = Role.LEADER;
  private List<Peer> peers =
      List.of(peer(2, false, 90, true), peer(3, false, 100, true), peer(4, true, 200, true));
  private final SpaceCare care =
      new SpaceCare(
          this::status,
          () -> shortHere,
          asked::put,
          (to, answer) -> {
            transfers.add(to);
            transferred = answer;
          });

  private static Peer peer(long member, boolean learner, long match, boolean active) {
    return new Peer(member, learner, match, match + 1, State.REPLICATE, active);
  }

  private RaftStatus status() {
    return new RaftStatus(
        SELF,
        role,
        5,
        SELF,
        100,
        100,
        1,
        100,
        Membership.of(List.of(1L, 2L, 3L), List.of(4L)),
        0,
        peers,
        true,
        true);
  }

  private void answer(long member, Boolean isShort) {
    asked.remove(member).accept(Optional.ofNullable(isShort));
  }

  @Test
  void handsOverToTheVoterWithRoomThatHasCaughtUpMost() {
    care.look();
    assertEquals(java.util.Set.of(2L, 3L), asked.keySet());
    answer(2, false);
    assertEquals(List.of(), transfers);
    answer(3, false);
    assertEquals(List.of(3L), transfers);
  }

  @Test
  void passesOverVotersThatAreShortThemselvesOrDoNotAnswer() {
    care.look();
    answer(3, true);
    answer(2, false);
    assertEquals(List.of(2L), transfers);
    transferred.accept(Refusal.TRANSFER_TIMEOUT);
    care.look();
    answer(3, null);
    answer(2, true);
    assertEquals(List.of(2L), transfers);
  }

  @Test
  void asksAgainOnlyAfterTheLastAnswerOrTransfer() {
    care.look();
    answer(2, true);
    care.look();
    assertEquals(1, asked.size());
    answer(3, true);
    care.look();
    answer(2, false);
    answer(3, true);
    care.look();
    assertEquals(0, asked.size());
    transferred.accept(null);
    care.look();
    assertEquals(2, asked.size());
  }

  @Test
  void doesNothingWithRoomOrWithoutLeadershipOrWithNobodyInReach() {
    shortHere = false;
    care.look();
    shortHere = true;
    role = Role.FOLLOWER;
    care.look();
    role = Role.LEADER;
    peers = List.of(peer(2, false, 90, false), peer(4, true, 200, true));
    care.look();
    assertEquals(0, asked.size());
    assertEquals(List.of(), transfers);
  }
}
