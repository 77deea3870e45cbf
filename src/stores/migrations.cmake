# Puts src/stores/migrations/*.sql, in the order of their names, into the library as text. A changed or new file configures again.
set(_folder ${CMAKE_CURRENT_SOURCE_DIR}/stores/migrations)
file(GLOB _scripts CONFIGURE_DEPENDS ${_folder}/*.sql)
list(SORT _scripts)
set(_entries "")
set(_version 0)
foreach(_script IN LISTS _scripts)
  math(EXPR _version "${_version} + 1")
  get_filename_component(_name ${_script} NAME_WE)
  if(NOT _name MATCHES "^0*${_version}_")
    message(FATAL_ERROR "${_script}: migrations are numbered 0001, 0002, ... without a gap; ${_version} was expected here")
  endif()
  file(READ ${_script} _sql)
  string(APPEND _entries "    {${_version}, \"${_name}\", R\"migration(${_sql})migration\"},\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${_script})
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/store_migrations.cpp @ONLY CONTENT [[
// Generated from src/stores/migrations/*.sql.
#include "stores/migrations.h"

namespace mend {
namespace {
constexpr Migration kMigrations[] = {
@_entries@};
}  // namespace

std::span<const Migration> store_migrations() { return kMigrations; }

}  // namespace mend
]])
target_sources(mend_stores PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/store_migrations.cpp)
