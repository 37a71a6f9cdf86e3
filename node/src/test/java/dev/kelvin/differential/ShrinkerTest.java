package dev.kelvin.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ShrinkerTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @Test
  void aProgramIsTheSameForTheSameSeed() {
    assertEquals(Generator.program(7), Generator.program(7));
  }

  @Test
  void onlyWhatTheDifferenceNeedsIsLeft() {
    var needed =
        new Step.Call(
            Rpc.RANGE,
            RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("a"))
                .setLimit(3)
                .setRevision(Symbols.NOW - 2)
                .build());
    var program =
        Stream.concat(
                Stream.concat(Generator.program(1).stream(), Stream.of(needed)),
                Generator.program(2).stream())
            .toList();
    var wanted = new Difference(needed, "header", "header");
    var failure =
        new Shrinker(ShrinkerTest::differsAtALimitOfThreeAfterAPut, wanted, LIMIT)
            .shrink(List.of(new Step.End()), program);
    assertEquals(
        List.of(
            new Step.Call(Rpc.PUT, PutRequest.getDefaultInstance()),
            new Step.Call(Rpc.RANGE, RangeRequest.newBuilder().setLimit(3).build())),
        failure.steps());
  }

  private static Difference differsAtALimitOfThreeAfterAPut(List<Step> steps) {
    boolean put = false;
    for (var step : steps) {
      if (step instanceof Step.Call(Rpc rpc, var request)) {
        put |= rpc == Rpc.PUT;
        if (put && request instanceof RangeRequest range && range.getLimit() == 3) {
          return new Difference(step, "header", "header");
        }
      }
    }
    return null;
  }

  @Test
  void anotherDifferenceIsNotTakenForTheOneWanted() {
    var step = new Step.Call(Rpc.PUT, PutRequest.getDefaultInstance());
    var wanted = new Difference(step, "header", "NOT_FOUND \"etcdserver: key not found\"");
    var other = new Difference(step, "header", "header");
    assertNull(new Shrinker(_ -> other, wanted, LIMIT).shrink(List.of(step), List.of(step)));
  }
}
