package dev.kelvin.app;

import dev.kelvin.api.FakeNode;
import dev.kelvin.member.Node;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Map;

/** Puts a fake node behind the doors of the application under test. */
@Singleton
public class FakeLaunch {
  @Produces
  @Singleton
  Launch launch() {
    var fake = new FakeNode();
    var options = OptionParser.parse(Sources.merge(Map.of(), Map.of(), null));
    return new Launch(
        options,
        new NodeFactory.Running() {
          @Override
          public Node node() {
            return fake;
          }

          @Override
          public void handOver() {}

          @Override
          public void close() {
            fake.state = Node.State.STOPPING;
          }
        },
        () -> {});
  }
}
