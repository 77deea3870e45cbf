# Compiler settings shared by every target of ours (third-party sources get none of the warnings).
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(MEND_TESTS "build the tests" ON)
option(MEND_BENCH "build the benchmarks" ON)
set(MEND_SANITIZE "" CACHE STRING "sanitizers, as clang's -fsanitize= takes them")
set(MEND_COVERAGE OFF CACHE BOOL "source-based coverage")
set(MEND_PREBUILT_DATA "" CACHE PATH "a share/mendline folder of another build to take the trained model from, instead of training")

# libstdc++ 12 calls its own deprecated get_temporary_buffer inside stable_sort, hence -Wno-deprecated-declarations below.
# Own build types, so that flags stand here and not in CMake's defaults (-O3).
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_SAN "-O1 -g1")
set(CMAKE_C_FLAGS_SAN "-O1 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")

add_library(mend_options INTERFACE)
target_compile_options(mend_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion -Wno-sign-conversion
  -Wimplicit-fallthrough -Wno-deprecated-declarations -Werror=switch -Werror=return-type -Werror=unused-result -fstack-protector-strong)
target_compile_definitions(mend_options INTERFACE _GLIBCXX_ASSERTIONS)
if(NOT MEND_SANITIZE AND CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(mend_options INTERFACE _FORTIFY_SOURCE=2)
endif()
target_link_options(mend_options INTERFACE -fuse-ld=lld)

# Sanitizers and coverage apply to every target, third-party C included, or races inside SQLite would stay unseen.
if(MEND_SANITIZE)
  add_compile_options(-fsanitize=${MEND_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MEND_SANITIZE})
endif()
if(MEND_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()
