package dev.kelvin.operator.app;

import dev.kelvin.operator.children.Children;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** What is set from outside; each is also an environment variable, KELVIN_NODE_IMAGE and so on. */
@ConfigMapping(prefix = "kelvin")
public interface Settings {
  /**
   * Image of nodes whose spec names none, REPOSITORY:TAG; without a tag, the operator's version.
   */
  @WithDefault("kelvin/node")
  String nodeImage();

  /** Whether replicas of the operator elect one that works. */
  @WithDefault("false")
  boolean leaderElection();

  /** Faults for tests, see {@link Faults}; empty in production. */
  Optional<String> operatorFault();

  /**
   * What children are built with.
   *
   * @param version the operator's own
   */
  static Children children(String nodeImage, String version) {
    int tag = nodeImage.lastIndexOf(':');
    if (nodeImage.isBlank() || nodeImage.contains("@")) {
      throw new IllegalArgumentException(
          "KELVIN_NODE_IMAGE is REPOSITORY or REPOSITORY:TAG, for spec.version takes the tag's place; found: "
              + nodeImage);
    }
    return tag > nodeImage.lastIndexOf('/')
        ? new Children(nodeImage.substring(0, tag), nodeImage.substring(tag + 1))
        : new Children(nodeImage, version);
  }
}
