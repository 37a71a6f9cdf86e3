package dev.kelvin.member;

import dev.kelvin.duty.LeaseAsk;
import dev.kelvin.duty.Lessor;
import dev.kelvin.proto.lease.AskRequest;
import dev.kelvin.proto.lease.AskResponse;
import dev.kelvin.proto.lease.LeaseTimesGrpc;
import dev.kelvin.proto.lease.Times;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Supplier;

/** Answers other members about leases, if this node leads. */
final class LeaseDoor extends LeaseTimesGrpc.LeaseTimesImplBase {
  private final Supplier<Group> group;

  /**
   * @param group gives null while this node is no member
   */
  LeaseDoor(Supplier<Group> group) {
    this.group = group;
  }

  @Override
  public void ask(AskRequest request, StreamObserver<AskResponse> answer) {
    var running = group.get();
    if (running == null || running.store().cluster().id() != request.getClusterId()) {
      PeerPort.refuse(answer, Status.UNAVAILABLE, "this node is not a member of that cluster");
      return;
    }
    var asked =
        request.getQuestionsList().stream()
            .map(question -> new LeaseAsk(question.getLease(), question.getRenew()))
            .toList();
    running
        .leases()
        .askHere(
            asked,
            new Lessor.Answer() {
              @Override
              public void done(List<LeaseAsk.Times> times) {
                var response = AskResponse.newBuilder();
                for (var known : times) {
                  response.addTimes(
                      Times.newBuilder().setSeconds(known.seconds()).setGranted(known.granted()));
                }
                answer.onNext(response.build());
                answer.onCompleted();
              }

              @Override
              public void unknown() {
                answer.onError(
                    Status.FAILED_PRECONDITION
                        .withDescription(Refusal.NOT_LEADER.text())
                        .asException());
              }
            });
  }
}
