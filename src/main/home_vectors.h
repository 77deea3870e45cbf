// Where the knowledge library's vectors come from in the program: the sentence encoder and the vectors that ship beside it, and those
// of the home's own texts, which lie in its encrypted store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "knowledge/semantic_index.h"
#include "main/app_context.h"
#include "ports/store.h"

namespace mend {

std::filesystem::path encoder_file(const AppContext& app);  // minilm.bin
std::filesystem::path vectors_file(const AppContext& app);  // vectors.bin: of seed cases and shipped runbooks

// `store` null: nothing is kept. Both must outlive the source. Nothing is opened before it is asked.
std::unique_ptr<VectorSource> make_home_vectors(const AppContext& app, Store* store);

// What keeps meanings from being compared, as sentences for `status`; reads the encoder's file once.
std::vector<std::string> vector_problems(const AppContext& app);

// With so many vectors an index over them is worth its building; below that looking at all takes a fraction of a millisecond.
inline constexpr std::size_t kWorthAGraph = 5'000;
// Makes the vectors that are missing, forgets those of other models, and saves an index when there are many. Returns how many texts
// have a vector now. The library's source must be of the same store.
Result<std::size_t> index_knowledge(SemanticIndex& semantic, Store& store, const SemanticIndex::Progress& progress = {});

}  // namespace mend
