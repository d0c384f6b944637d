//! The promises of the store ports: one suite of named checks, run on every store there is.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "store_contract/answers.rs"]
mod answers;
#[path = "store_contract/bed.rs"]
mod bed;
#[path = "store_contract/commits.rs"]
mod commits;
#[path = "store_contract/deliveries.rs"]
mod deliveries;
#[path = "store_contract/endpoints.rs"]
mod endpoints;
#[path = "store_contract/events.rs"]
mod events;
#[path = "store_contract/leases.rs"]
mod leases;
#[path = "store_contract/lists.rs"]
mod lists;
#[path = "store_contract/races.rs"]
mod races;
#[path = "store_contract/round_trips.rs"]
mod round_trips;
#[path = "store_contract/samples.rs"]
mod samples;
#[path = "store_contract/sqlite.rs"]
mod sqlite;
#[path = "store_contract/trades.rs"]
mod trades;
#[path = "store_contract/uniqueness.rs"]
mod uniqueness;

/// Makes a test of each named check on a fresh bed.
macro_rules! checks {
    ($bed:ty: $($file:ident { $($check:ident,)+ })+) => {
        $(mod $file {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                crate::$file::$check(<$bed as crate::bed::Bed>::fresh().await).await;
            })+
        })+
    };
}

/// Every check there is; a new store is held to all of them by one line.
macro_rules! every_check_on {
    ($store:ident, $bed:ty) => {
        mod $store {
            checks! { $bed:
                round_trips {
                    a_new_order_is_read_back_in_every_field_and_status,
                    a_full_ledger_is_read_back_with_every_word_there_is,
                    every_field_that_may_change_is_written_and_nothing_else_moves,
                    every_key_finds_its_ledger_and_no_other_merchants,
                    everything_survives_closing_and_opening,
                    a_stray_notice_is_taken_even_when_large,
                    a_working_store_passes_its_check,
                }
                commits {
                    a_commit_on_an_old_version_is_a_conflict_and_changes_nothing,
                    a_commit_on_an_order_that_does_not_exist_is_a_conflict,
                    the_version_counts_commits_whatever_the_caller_wrote,
                    a_refused_commit_leaves_nothing_behind,
                    what_is_fixed_cannot_be_rewritten_or_dropped,
                }
                uniqueness {
                    a_merchants_order_number_is_taken_once,
                    a_payment_is_recorded_once_over_all_orders,
                    a_trade_number_is_given_once_at_a_wallet,
                    a_token_opens_one_page,
                    an_event_number_is_used_once,
                    an_order_has_one_winner,
                }
                answers {
                    a_kept_answer_is_given_again_byte_for_byte,
                    an_answer_is_kept_for_thirty_days_to_the_millisecond,
                    a_second_answer_under_a_key_is_refused_until_the_first_is_too_old,
                    an_answer_kept_with_a_change_stands_or_falls_with_it,
                    the_same_request_run_twice_is_told_of_the_first_answer,
                    old_answers_are_forgotten_and_counted,
                }
                events {
                    events_come_in_the_order_of_their_commits,
                    events_are_chosen_by_kind_and_by_order,
                    only_a_merchants_own_event_can_be_listed_after,
                    following_the_list_while_others_write_skips_nothing,
                }
                lists {
                    orders_come_newest_first_and_in_pages_without_gaps,
                    every_filter_of_orders_works_alone_and_together,
                    what_does_not_exist_is_an_empty_list,
                }
                leases {
                    only_due_orders_are_claimed_and_the_longest_due_first,
                    an_order_is_claimed_by_one_caller_at_a_time,
                    an_expired_claim_is_taken_over_with_a_higher_fence,
                    a_commit_under_a_lost_lease_is_refused,
                    a_commit_keeps_its_lease_and_a_release_ends_it,
                    the_next_due_moment_counts_claims,
                    claimers_racing_for_many_orders_get_each_once,
                }
                trades {
                    a_trade_is_read_back_as_it_was_written,
                    a_trade_is_written_only_on_the_version_that_was_read,
                    trades_wake_soonest_first_and_only_when_due,
                    one_of_many_writers_of_a_trade_wins,
                }
                endpoints {
                    an_endpoint_is_read_back_as_it_was_added_the_newest_first,
                    a_merchant_has_only_so_many_endpoints,
                    an_answer_about_an_endpoint_stands_or_falls_with_it,
                    an_endpoint_is_removed_by_its_merchant_alone_and_with_everything,
                    old_secrets_sign_for_a_day_beside_the_newest,
                    however_often_it_is_rotated_only_so_many_secrets_sign,
                }
                deliveries {
                    an_event_is_delivered_to_every_endpoint_that_wants_it,
                    a_refused_commit_begins_no_delivery,
                    the_events_of_an_order_are_delivered_one_after_the_other,
                    a_failed_delivery_holds_back_the_next_of_its_order_until_it_is_dead,
                    a_new_event_of_an_order_tries_the_waiting_one_again_at_once,
                    neither_another_order_nor_another_endpoint_waits_for_a_failing_one,
                    a_delivery_is_listed_with_what_its_last_try_brought,
                    deliveries_are_listed_in_pages_the_newest_first,
                    a_disabled_endpoint_is_given_up_and_told_nothing_more,
                    a_delivery_is_claimed_by_one_caller_and_an_old_claims_news_are_not_noted,
                    an_endpoint_gets_one_at_a_time_while_that_keeps_up_and_few_while_it_is_slow,
                    claims_of_a_process_that_has_ended_hold_nothing_up,
                    an_event_sent_again_begins_anew_and_the_later_ones_of_its_order_wait,
                    only_what_ended_thirty_days_ago_is_forgotten,
                    whoever_waits_is_stirred_by_a_new_delivery,
                    many_claimers_and_many_orders_every_event_once_and_in_order,
                }
                races {
                    of_64_commits_on_one_version_exactly_one_wins,
                    of_64_writers_that_try_again_none_loses_its_work,
                    of_50_orders_with_one_number_exactly_one_is_placed,
                    of_32_orders_that_record_one_payment_exactly_one_does,
                    of_200_orders_placed_at_once_all_are_there,
                    a_reader_beside_writers_sees_whole_commits_only,
                }
            }
        }
    };
}

every_check_on!(on_sqlite, crate::sqlite::SqliteBed);
