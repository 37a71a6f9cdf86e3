package dev.kelvin.operator.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A wish to go on with one survivor. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Recovery(
    @JsonPropertyDescription(
            "Any word, another one each time: the last one is never carried out again. Asked for while a quorum answers it is refused, and the word is spent.")
        @Required
        @Size(min = 1, max = 63)
        String name,
    @JsonPropertyDescription(
            "Pod whose data live on, for example demo-1: the one that status says has the most.")
        @Required
        @Size(min = 3, max = 253)
        @Pattern("^.+-[0-9]+$")
        String survivor) {}
