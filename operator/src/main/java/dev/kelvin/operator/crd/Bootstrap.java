package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** How a cluster begins. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Bootstrap(
    @JsonPropertyDescription(
            "Found the cluster from a snapshot that etcdctl snapshot save wrote of another Kelvin cluster. When left away, it begins empty.")
        FromSnapshot fromSnapshot) {

  /** A snapshot file in a volume. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value =
          "(has(self.bumpRevision) && self.bumpRevision > 0) == (has(self.markCompacted) && self.markCompacted)",
      message =
          "fromSnapshot.bumpRevision and markCompacted go together: who watched the old cluster must be told that revisions were skipped")
  @ValidationRule(
      value =
          "!self.path.startsWith('/') && self.path != '..' && !self.path.startsWith('../') && !self.path.contains('/../') && !self.path.endsWith('/..')",
      message =
          "fromSnapshot.path is relative to the volume: no / at its beginning, and no .. in it")
  public record FromSnapshot(
      @JsonPropertyDescription(
              "PersistentVolumeClaim with the file, in the namespace of the KvCluster. The first pod mounts it, read-only, until the cluster is founded.")
          @Required
          @Size(min = 1, max = 253)
          @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
          String claimName,
      @JsonPropertyDescription(
              "Path of the file within the volume, for example backups/monday.db. Group 65532, or everybody, must be allowed to read it.")
          @Required
          @Size(min = 1, max = 1024)
          String path,
      @JsonPropertyDescription(
              "Revisions to go on past that of the snapshot, at least as many as the old cluster may have given since: no revision then means two things to a client. Needs markCompacted.")
          @Min(0)
          @Max(MAX_BUMP)
          Long bumpRevision,
      @JsonPropertyDescription(
              "All revisions up to the new one count as compacted, so that watches and informers of the old cluster are told to begin anew. Needs bumpRevision.")
          Boolean markCompacted) {
    /** As in the node. */
    static final long MAX_BUMP = 1L << 48;
  }
}
