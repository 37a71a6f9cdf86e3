/** Calls to nodes' care service, each with a deadline. */
package dev.kelvin.operator.care;
